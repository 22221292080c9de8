import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import Synchronization
import TestSupport

/// A throw-away host with an outside world, the plugin on it, and namespaces in place of containers.
struct NetworkHost {
    let network: TestNetwork
    let stateDirectory: String
    let plugin: PluginUnderTest
    /// Container → path of its namespace.
    private let containers: [String: String]

    static let subnet = "172.17.0.0/16"
    static let ipv6Subnet = "fd17::/64"
    private static let count = Atomic<Int>(0)

    /// Runs `body` on a host with containers of these names and a network `n1`.
    static func with(
        _ names: [String], isolated: Bool = true, ipv6: Bool = false, _ body: (NetworkHost) async throws -> Void
    ) async throws {
        let number = count.add(1, ordering: .relaxed).newValue
        let prefix = "krt\(getpid())n\(number)"
        let stateDirectory = "/tmp/\(prefix)"
        mkdir(stateDirectory, 0o700)
        let network = try await TestNetwork.make(prefix)
        var paths: [String: String] = [:]
        var failure: (any Error)?
        do {
            for name in names {
                try await Command.succeed(["ip", "netns", "add", "\(prefix)-\(name)"])
                paths[name] = "/run/netns/\(prefix)-\(name)"
            }
            let plugin = try await PluginUnderTest(in: network.path, stateDirectory: stateDirectory)
            let host = NetworkHost(
                network: network, stateDirectory: stateDirectory, plugin: plugin, containers: paths)
            do {
                let spec = NetworkSpecification(
                    subnet: subnet, ipv6Subnet: ipv6 ? ipv6Subnet : nil, isolated: isolated)
                try await plugin.call(ProviderNetworkCreate(networkId: "n1", networkName: "bridge", spec: spec))
                try await body(host)
            } catch { failure = error }
            await plugin.crash()
        } catch { failure = error }
        for name in paths.keys {
            _ = try? await Command.run(["ip", "netns", "delete", "\(prefix)-\(name)"])  // Harms no other test.
        }
        await network.remove()
        _ = try? await Command.run(["rm", "-rf", stateDirectory])  // Harms no other test.
        if let failure { throw failure }
    }

    /// The same host after the plugin was killed and started again.
    func restarted() async throws -> NetworkHost {
        await plugin.crash()
        return NetworkHost(
            network: network, stateDirectory: stateDirectory,
            plugin: try await PluginUnderTest(in: network.path, stateDirectory: stateDirectory), containers: containers)
    }

    func namespace(_ container: String) -> String { containers[container] ?? "" }

    /// Starts with eight hexadecimal digits, as the engine's ids do.
    static func attachmentId(_ container: String) -> String {
        let digits = container.utf8.prefix(4).reduce("") { $0 + String($1, radix: 16) }
        return String(repeating: "0", count: 8 - digits.count) + digits + "f00d"
    }

    func request(
        _ container: String, _ addresses: String..., ports: [Port] = [], hostPorts: [String]? = nil
    ) -> ProviderNetworkAttach {
        ProviderNetworkAttach(
            attachmentId: Self.attachmentId(container), networkId: "n1", networkState: [:],
            netns: namespace(container), interface: "eth0",
            addresses: addresses.map { $0.contains(":") ? "\($0)/64" : "\($0)/16" }, hostname: container, ports: ports,
            hostPorts: hostPorts)
    }

    @discardableResult
    func attach(
        _ container: String, _ address: String, ports: [Port] = [], hostPorts: [String]? = nil
    ) async throws -> ProviderNetworkAttach.Result {
        try await plugin.call(request(container, address, ports: ports, hostPorts: hostPorts))
    }

    func detach(_ container: String) async throws {
        try await plugin.call(
            ProviderNetworkDetach(attachmentId: Self.attachmentId(container), networkId: "n1"))
    }

    /// Lets `from` reach ports of `to`.
    func link(
        _ from: String, _ to: String, _ ports: [String] = ["80"], _ transport: Port.TransportProtocol = .tcp,
        id: String? = nil
    ) async throws {
        let rules = ProviderNetworkRules.LinkRules(
            linkId: id ?? "\(from)-\(to)", from: Self.attachmentId(from), to: Self.attachmentId(to),
            rules: [LinkPortRule(protocol: transport, ports: ports)])
        try await plugin.call(ProviderNetworkRules(networkId: "n1", set: [rules]))
    }

    func unlink(_ id: String) async throws {
        try await plugin.call(ProviderNetworkRules(networkId: "n1", remove: [id]))
    }

    /// Runs a tool on the host.
    @discardableResult
    func run(_ arguments: String...) async throws -> String {
        try await Command.succeed(network.entering(arguments)).output
    }

    /// Elements, routes, rules and devices of the plugin that are on the host.
    func traces() async throws -> [String] {
        let devices = try await run("ip", "-oneline", "link", "show").split(separator: "\n").filter {
            $0.contains("kvab12")
        }
        let routes = try await run("ip", "route", "show", "table", "all").split(separator: "\n").filter {
            $0.contains("kvab12")
        }
        let elements = try await run("nft", "list", "ruleset").split(separator: "\n").filter {
            $0.contains("elements") && !$0.contains(Self.subnet) && !$0.contains(Self.ipv6Subnet)
        }
        return (devices + routes + elements).map(String.init)
    }
}

func published(
    _ hostPort: UInt16?, _ containerPort: UInt16 = 80, on address: String? = nil,
    _ transport: Port.TransportProtocol = .tcp
)
    -> Port
{
    Port(hostAddress: address, hostPort: hostPort, containerPort: containerPort, protocol: transport)
}
