import JSONRPC
import KenterProtocol

struct VolumeListCommand: Command {
    static let abstract = "List volumes."

    let engine: EngineOptions
    let listing: ListingOptions
    let filter: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        listing = try ListingOptions(&arguments)
        filter = arguments.values(
            "filter", "f", "value", "Only some: name, label, driver or dangling (that nobody uses), each =….")
    }

    static let filters: [(name: String, test: ListFilters.Test)] = [
        ("name", ListFilters.name), ("label", ListFilters.label), ("driver", ListFilters.driver),
        ("dangling", ListFilters.dangling("usedBy")),
    ]

    func run() async throws {
        let filters = try ListFilters(filter, Self.filters)
        let client = try await engine.connect()
        let items = try await Listing.all(client, VolumeList.name, "volumes").filter(filters.match)
        try Listing.show(
            items, listing, headings: ["DRIVER", "VOLUME NAME"], name: { (volume: Volume) in volume.name },
            row: { [[$0.provider, $0.name]] })
    }
}
