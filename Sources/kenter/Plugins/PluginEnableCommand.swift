import KenterClient
import KenterProtocol

struct PluginEnableCommand: Command {
    static let abstract = "Enable a plugin from elsewhere, as its file is now, and start it."
    static let discussion = """
        A plugin has all the power of the engine. Its file is remembered by its SHA-256: once it has changed it is \
        refused until it is enabled again.
        """

    let engine: EngineOptions
    let grants: [String]
    let plugin: String

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        grants = arguments.values(
            "grant", "env=NAME", "Let it set a variable that changes how programs run, such as HTTP_PROXY.")
        plugin = arguments.operand("PLUGIN")
    }

    func run() async throws {
        let client = try await engine.connect()
        let result = try await client.call(PluginEnable(plugin: plugin, grants: grants))
        guard result.state == .running else {
            throw CommandFailure(
                "plugin '\(plugin)' is enabled, but \(result.state.rawValue): \(result.reason ?? "no reason given")")
        }
        Output.line(TerminalText.escaped(plugin))
    }
}
