import JSONRPC
import KenterClient
import KenterProtocol

struct PluginInspectCommand: Command {
    static let abstract = "Show all about plugins."

    let engine: EngineOptions
    let plugins: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        plugins = arguments.operands("PLUGIN")
    }

    func run() async throws {
        let client = try await engine.connect()
        var found: [JSONValue] = []
        var outcomes = Outcomes()
        for plugin in plugins {
            do {
                found.append(.object(try await client.call(PluginInspect.name, ["plugin": .string(plugin)])))
            } catch {
                outcomes.report(error)
            }
        }
        Output.line(PrettyJSON.text(.array(found)))
        try outcomes.finish()
    }
}
