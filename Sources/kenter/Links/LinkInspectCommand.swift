import ArgumentParser
import JSONRPC
import KenterClient
import KenterProtocol

struct LinkInspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show what links bring: variables, hosts lines, files and ports.")

    @OptionGroup var engine: EngineOptions
    @Argument(help: "Links, as consumer/alias.") var links: [String]

    func run() async throws {
        let client = try await engine.connect()
        var found: [JSONValue] = []
        var outcomes = Outcomes()
        for text in links {
            do {
                let path = try LinkPath(parsing: text)
                let params: JSONObject = ["consumer": .string(path.consumer), "alias": .string(path.alias)]
                found.append(.object(try await client.call(LinkInspect.name, params)))
            } catch {
                outcomes.report(error)
            }
        }
        Output.line(PrettyJSON.text(.array(found)))
        try outcomes.finish()
    }
}
