import KenterProtocol

struct NetworkListCommand: Command {
    static let abstract = "List networks."

    let engine: EngineOptions
    let listing: ListingOptions

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        listing = try ListingOptions(&arguments)
    }

    func run() async throws {
        let client = try await engine.connect()
        let items = try await Listing.all(client, NetworkList.name, "networks")
        try Listing.show(
            items, listing, headings: ["NETWORK ID", "NAME", "DRIVER", "SCOPE"],
            name: { (network: Network) in listing.id(network.id) },
            row: { [[listing.id($0.id), $0.name, $0.provider, "local"]] })
    }
}
