import ArgumentParser
import KenterProtocol

struct VolumeListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "ls", abstract: "List volumes.", aliases: ["list"])

    @OptionGroup var engine: EngineOptions
    @OptionGroup var listing: ListingOptions

    func run() async throws {
        let client = try await engine.connect()
        let items = try await Listing.all(client, VolumeList.name, "volumes")
        try Listing.show(
            items, listing, headings: ["DRIVER", "VOLUME NAME"], name: { (volume: Volume) in volume.name },
            row: { [[$0.provider, $0.name]] })
    }
}
