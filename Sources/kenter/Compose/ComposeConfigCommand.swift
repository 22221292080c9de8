import JSONRPC
import KenterCompose
import KenterProtocol

struct ComposeConfigCommand: Command {
    static let abstract = "Check compose files, and show them as one, with their variables put in."

    let compose: ComposeOptions
    let services: Bool
    let quiet: Bool
    let json: Bool

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        compose = try ComposeOptions(&arguments)
        services = arguments.flag("services", "Only the names of the services, in the order in which they start.")
        quiet = arguments.flag("quiet", "q", "Only check.")
        json = arguments.flag("json", "Print JSON instead of YAML.")
    }

    func run() async throws {
        let (documents, context) = try await compose.read()
        let project = try compose.project(documents, context)
        if quiet { return }
        if services {
            for service in project.services { Output.line(service.name) }
            return
        }
        let shown = try ComposeFile.merged(documents, context).document
        var named = JSONObject()
        named["name"] = .string(project.name)
        for member in shown.members where member.name != "name" { named[member.name] = member.value }
        let document = ComposeFile.escaped(.object(named))
        Output.write(json ? PrettyJSON.text(document) + "\n" : YAMLText.text(document))
    }
}
