import ArgumentParser
import JSONRPC
import KenterClient
import KenterProtocol

struct PluginInspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "inspect", abstract: "Show all about plugins.")

    @OptionGroup var engine: EngineOptions
    @Argument var plugins: [String]

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
