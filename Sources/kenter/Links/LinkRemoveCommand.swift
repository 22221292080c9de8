import ArgumentParser
import KenterClient
import KenterProtocol

struct LinkRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Remove links; the containers stay.", aliases: ["remove"])

    @OptionGroup var engine: EngineOptions
    @Argument(help: "Links, as consumer/alias.") var links: [String]

    func run() async throws {
        let client = try await engine.connect()
        try await Outcomes.each(links) { text in
            let path = try LinkPath(parsing: text)
            _ = try await client.call(LinkRemove(consumer: path.consumer, alias: path.alias))
            Output.line(TerminalText.escaped(text))
        }
    }
}
