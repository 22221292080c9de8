import ArgumentParser
import KenterProtocol

struct NetworkListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "ls", abstract: "List networks.", aliases: ["list"])

    @OptionGroup var engine: EngineOptions
    @OptionGroup var listing: ListingOptions

    func run() async throws {
        let client = try await engine.connect()
        let items = try await Listing.all(client, NetworkList.name, "networks")
        try Listing.show(
            items, listing, headings: ["NETWORK ID", "NAME", "DRIVER", "SCOPE"],
            name: { (network: Network) in listing.id(network.id) },
            row: { [[listing.id($0.id), $0.name, $0.provider, "local"]] })
    }
}
