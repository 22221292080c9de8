import KenterClient
import KenterProtocol

struct NetworkConnectCommand: Command {
    static let abstract = "Connect a container to a network."

    let engine: EngineOptions
    let alias: [String]
    let ip: String?
    let ip6: String?
    let network: String
    let container: String

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        alias = arguments.values("alias", "value", "A further name of the container in this network.")
        ip = arguments.value("ip", "value", "The IPv4 address it asks for.")
        ip6 = arguments.value("ip6", "value", "The IPv6 address it asks for.")
        network = arguments.operand("NETWORK")
        container = arguments.operand("CONTAINER")
    }

    func run() async throws {
        let client = try await engine.connect()
        _ = try await client.call(
            NetworkConnect(
                network: network, container: container, aliases: alias.isEmpty ? nil : alias, ip: ip, ip6: ip6))
    }
}
