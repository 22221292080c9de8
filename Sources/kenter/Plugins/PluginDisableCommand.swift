import KenterClient
import KenterProtocol

struct PluginDisableCommand: Command {
    static let abstract = "End plugins from elsewhere, and run them no more."

    let engine: EngineOptions
    let isForced: Bool
    let plugins: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        isForced = arguments.flag("force", "f", "Also while networks, volumes or links stand on them.")
        plugins = arguments.operands("PLUGIN")
    }

    func run() async throws {
        let client = try await engine.connect()
        try await Outcomes.each(plugins) { plugin in
            _ = try await client.call(PluginDisable(plugin: plugin, force: isForced ? true : nil))
            Output.line(TerminalText.escaped(plugin))
        }
    }
}
