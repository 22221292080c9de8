import KenterClient
import KenterProtocol

struct NetworkPruneCommand: Command {
    static let abstract = "Remove networks that no container belongs to."

    let engine: EngineOptions
    let confirmation: ConfirmationOptions

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        confirmation = try ConfirmationOptions(&arguments)
    }

    func run() async throws {
        try confirmation.confirm("This will remove all custom networks not used by at least one container.")
        let client = try await engine.connect()
        for name in try await client.call(NetworkPrune()).removed { Output.line(TerminalText.escaped(name)) }
    }
}
