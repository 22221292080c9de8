import KenterClient
import KenterProtocol

struct PluginRestartCommand: Command {
    static let abstract = "Start plugins anew, also those that failed too often."

    let engine: EngineOptions
    let plugins: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        plugins = arguments.operands("PLUGIN")
    }

    func run() async throws {
        let client = try await engine.connect()
        try await Outcomes.each(plugins) { plugin in
            _ = try await client.call(PluginRestart(plugin: plugin))
            Output.line(TerminalText.escaped(plugin))
        }
    }
}
