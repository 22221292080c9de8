import JSONRPC
import KenterProtocol

struct NetworkListCommand: Command {
    static let abstract = "List networks."

    let engine: EngineOptions
    let listing: ListingOptions
    let filter: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        listing = try ListingOptions(&arguments)
        filter = arguments.values("filter", "f", "value", "Only some: name, label, driver or id, each =….")
    }

    static let filters: [(name: String, test: ListFilters.Test)] = [
        ("name", ListFilters.name), ("label", ListFilters.label), ("driver", ListFilters.driver),
        ("id", { object, value in object["id"]?.string?.hasPrefix(value) == true }),
    ]

    func run() async throws {
        let filters = try ListFilters(filter, Self.filters)
        let client = try await engine.connect()
        let items = try await Listing.all(client, NetworkList.name, "networks").filter(filters.match)
        try Listing.show(
            items, listing, headings: ["NETWORK ID", "NAME", "DRIVER", "SCOPE"],
            name: { (network: Network) in listing.id(network.id) },
            row: { [[listing.id($0.id), $0.name, $0.provider, "local"]] })
    }
}
