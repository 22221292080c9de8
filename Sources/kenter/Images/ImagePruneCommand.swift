import KenterClient
import KenterProtocol

struct ImagePruneCommand: Command {
    static let abstract = "Remove images without a name."

    let engine: EngineOptions
    let confirmation: ConfirmationOptions

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        confirmation = try ConfirmationOptions(&arguments)
    }

    func run() async throws {
        try confirmation.confirm("This will remove all images without a name.")
        let client = try await engine.connect()
        for line in try await client.call(ImagePrune()).removed { Output.line(TerminalText.escaped(line)) }
    }
}
