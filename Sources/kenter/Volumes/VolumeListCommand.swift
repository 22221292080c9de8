import KenterProtocol

struct VolumeListCommand: Command {
    static let abstract = "List volumes."

    let engine: EngineOptions
    let listing: ListingOptions

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        listing = try ListingOptions(&arguments)
    }

    func run() async throws {
        let client = try await engine.connect()
        let items = try await Listing.all(client, VolumeList.name, "volumes")
        try Listing.show(
            items, listing, headings: ["DRIVER", "VOLUME NAME"], name: { (volume: Volume) in volume.name },
            row: { [[$0.provider, $0.name]] })
    }
}
