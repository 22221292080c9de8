import JSONRPC
import KenterClient
import KenterProtocol

struct ContainerListCommand: Command {
    static let abstract = "List containers."

    let engine: EngineOptions
    let listing: ListingOptions
    let all: Bool
    let latest: Bool
    let last: Int?
    let filter: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        listing = try ListingOptions(&arguments)
        all = arguments.flag("all", "a", "Also those that do not run.")
        latest = arguments.flag("latest", "l", "Only the newest, running or not.")
        last = try arguments.integer("last", "n", "Only the newest so many, running or not.")
        filter = arguments.values(
            "filter", "f", "value", "Only some: name, id, label, status, ancestor, health or exited, each =….")
    }

    func run() async throws {
        let filters = try ContainerFilters(filter)
        let client = try await engine.connect()
        let newest = latest ? 1 : last
        var request = ContainerList(all: all || newest != nil || filters.concernEnded ? true : nil)
        request.labels = filters.labels.isEmpty ? nil : filters.labels
        let params = try JSONValueEncoder().encodeObject(request)
        var items = try await Listing.all(client, ContainerList.name, "containers", params).filter(filters.match)
        if let newest, newest >= 0 { items = Array(items.prefix(newest)) }
        try Listing.show(items, listing, headings: Self.headings, name: { listing.id($0.id) }, row: { [row($0)] })
    }

    static let headings = ["CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES"]

    private func row(_ container: ContainerSummary) -> [String] {
        Self.row(container, isCut: !listing.noTrunc)
    }

    static func row(_ container: ContainerSummary, isCut: Bool, now: Timestamp = .now) -> [String] {
        let command = container.command.joined(separator: " ")
        let isID = container.image.hasPrefix("sha256:")
        return [
            isCut ? HumanText.shortID(container.id) : container.id,
            isCut && isID ? HumanText.shortID(container.image) : container.image,
            "\"\(isCut ? HumanText.shortened(command, to: 20) : command)\"",
            HumanText.age(of: container.createdAt, now: now), container.status, PortList.text(container.ports),
            names(container, isCut: isCut),
        ]
    }

    /// Its own name; with its link names where nothing is cut.
    private static func names(_ container: ContainerSummary, isCut: Bool) -> String {
        let names = container.names.map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 }
        return names.filter { !isCut || !$0.contains("/") }.sorted().joined(separator: ",")
    }
}
