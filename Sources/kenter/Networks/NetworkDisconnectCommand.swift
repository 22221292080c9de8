import KenterClient
import KenterProtocol

struct NetworkDisconnectCommand: Command {
    static let abstract = "Disconnect a container from a network."

    let engine: EngineOptions
    let force: Bool
    let network: String
    let container: String

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        force = arguments.flag("force", "f", "Say nothing when the container is not connected.")
        network = arguments.operand("NETWORK")
        container = arguments.operand("CONTAINER")
    }

    func run() async throws {
        let client = try await engine.connect()
        _ = try await client.call(
            NetworkDisconnect(network: network, container: container, force: force ? true : nil))
    }
}
