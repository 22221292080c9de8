import ArgumentParser
import KenterClient
import KenterProtocol

struct ImagePruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "prune", abstract: "Remove images without a name.")

    @OptionGroup var engine: EngineOptions
    @OptionGroup var confirmation: ConfirmationOptions

    func run() async throws {
        try confirmation.confirm("This will remove all images without a name.")
        let client = try await engine.connect()
        for line in try await client.call(ImagePrune()).removed { Output.line(TerminalText.escaped(line)) }
    }
}
