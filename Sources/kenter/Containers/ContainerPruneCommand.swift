import ArgumentParser
import KenterClient
import KenterProtocol

struct ContainerPruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove every container that does not run.")

    @OptionGroup var engine: EngineOptions
    @OptionGroup var confirmation: ConfirmationOptions

    func run() async throws {
        try confirmation.confirm("This will remove all stopped containers.")
        let client = try await engine.connect()
        for name in try await client.call(ContainerPrune()).removed { Output.line(TerminalText.escaped(name)) }
    }
}
