import JSONRPC
import KenterClient
import KenterProtocol

struct LinkInspectCommand: Command {
    static let abstract = "Show what links bring, from where, and why: variables, hosts lines, files and ports."

    let engine: EngineOptions
    let form: LinkReportForm
    let links: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        form = LinkReportForm(&arguments)
        links = arguments.operands("LINK")
    }

    func run() async throws {
        let client = try await engine.connect()
        var found: [JSONValue] = []
        var outcomes = Outcomes()
        for text in links {
            do {
                let path = try LinkPath(parsing: text)
                let params = try JSONValueEncoder().encodeObject(
                    LinkInspect(
                        consumer: path.consumer, alias: path.alias, showSecrets: form.showsSecrets ? true : nil))
                found.append(.object(try await client.call(LinkInspect.name, params)))
            } catch {
                outcomes.report(error)
            }
        }
        try form.show(found)
        try outcomes.finish()
    }
}
