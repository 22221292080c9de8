import JSONRPC
import KenterClient
import KenterCompose
import KenterProtocol

struct ComposeListCommand: Command {
    static let abstract = "List a project's containers."

    let engine: EngineOptions
    let compose: ComposeOptions
    let listing: ListingOptions
    let all: Bool

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        compose = try ComposeOptions(&arguments)
        listing = try ListingOptions(&arguments)
        all = arguments.flag("all", "a", "Also those that do not run.")
    }

    func run() async throws {
        let client = try await engine.connect()
        let project = try await compose.presentProject(client)
        let request = ContainerList(
            all: all ? true : nil, labels: ["\(ComposeLabel.project)=\(project.name)"])
        let params = try JSONValueEncoder().encodeObject(request)
        let items = try await Listing.all(client, ContainerList.name, "containers", params)
        try Listing.show(
            items, listing, headings: ["NAME", "IMAGE", "COMMAND", "SERVICE", "CREATED", "STATUS", "PORTS"],
            name: { listing.id($0.id) }, row: { [row($0)] })
    }

    private func row(_ container: ContainerSummary) -> [String] {
        let common = ContainerListCommand.row(container, isCut: !listing.noTrunc)
        let service = container.labels[ComposeLabel.service] ?? ""
        return [container.name, common[1], common[2], service, common[3], common[4], common[5]]
    }
}
