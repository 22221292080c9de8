import JSONRPC
import KenterClient
import KenterProtocol

struct NetworkRemoveCommand: Command {
    static let abstract = "Remove networks on which no container runs."

    let engine: EngineOptions
    let force: Bool
    let networks: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        force = arguments.flag("force", "f", "Say nothing of networks that do not exist.")
        networks = arguments.operands("NETWORK")
    }

    func run() async throws {
        let client = try await engine.connect()
        try await Outcomes.each(networks) { name in
            do {
                _ = try await client.call(NetworkRemove(network: name))
            } catch let error as RPCError where error.kind == .notFound && force {
                return
            }
            Output.line(TerminalText.escaped(name))
        }
    }
}
