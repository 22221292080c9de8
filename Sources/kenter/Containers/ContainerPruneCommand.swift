import KenterClient
import KenterProtocol

struct ContainerPruneCommand: Command {
    static let abstract = "Remove every container that does not run."

    let engine: EngineOptions
    let confirmation: ConfirmationOptions

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        confirmation = try ConfirmationOptions(&arguments)
    }

    func run() async throws {
        try confirmation.confirm("This will remove all stopped containers.")
        let client = try await engine.connect()
        for name in try await client.call(ContainerPrune()).removed { Output.line(TerminalText.escaped(name)) }
    }
}
