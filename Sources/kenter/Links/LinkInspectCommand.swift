import JSONRPC
import KenterClient
import KenterProtocol

struct LinkInspectCommand: Command {
    static let abstract = "Show what links bring: variables, hosts lines, files and ports."

    let engine: EngineOptions
    let links: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        links = arguments.operands("LINK")
    }

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
