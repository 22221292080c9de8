import JSONRPC
import KenterClient
import KenterCompose
import KenterProtocol

struct ComposeProjectListCommand: Command {
    static let abstract = "List projects that have containers; no file is read."

    let engine: EngineOptions
    let listing: ListingOptions
    let all: Bool
    let filter: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        listing = try ListingOptions(&arguments)
        all = arguments.flag("all", "a", "Also those of which nothing runs.")
        filter = arguments.values("filter", "value", "Only some: name=….")
    }

    /// A project as its containers' labels tell of it.
    struct Project: Decodable {
        var name: String
        var status: String
        var configFiles: String
    }

    func run() async throws {
        let filters = try ListFilters(filter, [("name", ListFilters.name)])
        let client = try await engine.connect()
        let request = ContainerList(all: true, labels: [ComposeLabel.project])
        let params = try JSONValueEncoder().encodeObject(request)
        let containers: [ContainerSummary] = try Listing.decode(
            try await Listing.all(client, ContainerList.name, "containers", params))
        let items = Self.projects(containers, all: all).filter(filters.match)
        try Listing.show(
            items, listing, headings: ["NAME", "STATUS", "CONFIG FILES"], name: { (project: Project) in project.name },
            row: { [[$0.name, $0.status, $0.configFiles]] })
    }

    /// By name, with how many containers are in which state: `running(2), exited(1)`.
    static func projects(_ containers: [ContainerSummary], all: Bool) -> [JSONValue] {
        let groups = Dictionary(grouping: containers) { $0.labels[ComposeLabel.project] ?? "" }
        return groups.sorted { $0.key < $1.key }.compactMap { name, members in
            guard all || members.contains(where: ComposeSession.isUp) else { return nil }
            let states = Dictionary(grouping: members, by: \.state.rawValue).mapValues(\.count)
            let status = states.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key)(\($0.value))" }
            return [
                "name": .string(name), "status": .string(status.joined(separator: ", ")),
                "configFiles": .string(members.lazy.compactMap { $0.labels[ComposeLabel.files] }.first ?? ""),
            ]
        }
    }
}
