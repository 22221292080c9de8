import KenterClient
import KenterProtocol

struct NetworkCreateCommand: Command {
    static let abstract = "Create a network, whose members reach each other and know each other's names."

    let engine: EngineOptions
    let subnet: [String]
    let ipv6Subnet: String?
    let ipv6: Bool
    let gateway: String?
    let `internal`: Bool
    let isolated: Bool
    let hostPort: [String]
    let provider: String?
    let label: [String]
    let opt: [String]
    let name: String

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        subnet = arguments.values("subnet", "value", "Its subnet (172.20.0.0/16); again for one of IPv6.")
        ipv6Subnet = arguments.value("ipv6-subnet", "value", "Its IPv6 subnet (fd00:1::/64).")
        ipv6 = arguments.flag("ipv6", "Give it IPv6, with a subnet of the engine's choice where none is named.")
        gateway = arguments.value("gateway", "value", "The gateway's address in its subnet.")
        `internal` = arguments.flag("internal", "Let its members reach nothing outside.")
        isolated = arguments.flag("isolated", "Let its members reach each other through links only.")
        hostPort = arguments.values("host-port", "value", "Let its members reach a service of the host (5432/tcp).")
        provider = arguments.value("provider", "d", "value", "The network provider.", synonyms: ["driver"])
        label = arguments.values("label", "value", "Set a label (name=value).")
        opt = arguments.values("opt", "o", "value", "Set an option of the provider (name=value).")
        name = arguments.operand("NETWORK")
    }

    func run() async throws {
        let request = try request()
        let client = try await engine.connect()
        Output.line(TerminalText.escaped(try await client.call(request).id))
    }

    func request() throws(OptionError) -> NetworkCreate {
        var request = NetworkCreate(networkName: name)
        let (old, new) = (subnet.filter { !$0.contains(":") }, subnet.filter { $0.contains(":") })
        let newest = new + (ipv6Subnet.map { [$0] } ?? [])
        for several in [old, newest] where several.count > 1 {
            throw OptionError(several[1], for: "--subnet", "a network has one subnet of IPv4 and one of IPv6")
        }
        request.subnet = old.first
        request.ipv6Subnet = newest.first
        request.ipv6 = ipv6 ? true : nil
        request.gateway = gateway
        request.`internal` = `internal` ? true : nil
        request.isolated = isolated ? true : nil
        request.hostPorts = hostPort.isEmpty ? nil : hostPort
        // Docker's word for its one provider.
        request.provider = provider == "bridge" ? nil : provider
        request.labels = label.isEmpty ? nil : LabelOption.labels(label)
        try add(LabelOption.labels(opt), to: &request)
        return request
    }

    /// Options that have a name of their own here; all others are the provider's.
    private func add(_ options: [String: String], to request: inout NetworkCreate) throws(OptionError) {
        var options = options
        for name in ["mtu", "com.docker.network.driver.mtu"] {
            guard let text = options.removeValue(forKey: name) else { continue }
            guard let mtu = Int(text) else {
                throw OptionError("\(name)=\(text)", for: "--opt", "it is no whole number")
            }
            request.mtu = mtu
        }
        if let text = options.removeValue(forKey: "com.docker.network.bridge.enable_icc"), text == "false" {
            request.isolated = true
        }
        request.options = options.isEmpty ? nil : options
    }
}
