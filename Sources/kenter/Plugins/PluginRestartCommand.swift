import ArgumentParser
import KenterClient
import KenterProtocol

struct PluginRestartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart", abstract: "Start plugins anew, also those that failed too often.")

    @OptionGroup var engine: EngineOptions
    @Argument var plugins: [String]

    func run() async throws {
        let client = try await engine.connect()
        try await Outcomes.each(plugins) { plugin in
            _ = try await client.call(PluginRestart(plugin: plugin))
            Output.line(TerminalText.escaped(plugin))
        }
    }
}
