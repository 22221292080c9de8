import ArgumentParser
import JSONRPC
import KenterProtocol

struct LinkListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "ls", abstract: "List links.", aliases: ["list"])

    @OptionGroup var engine: EngineOptions
    @OptionGroup var listing: ListingOptions
    @Argument(help: "Only links from or to this container.") var container: String?

    func run() async throws {
        let client = try await engine.connect()
        let params: JSONObject = container.map { ["container": .string($0)] } ?? JSONObject()
        let items = try await Listing.all(client, LinkList.name, "links", params)
        try Listing.show(
            items, listing, headings: ["LINK", "SOURCE", "STATE", "PROVIDER", "PENDING"],
            name: { (link: Link) in "\(link.consumer)/\(link.alias)" },
            row: { link in
                [
                    [
                        "\(link.consumer)/\(link.alias)", link.source, link.state.rawValue, link.provider,
                        link.pending.joined(separator: ", "),
                    ]
                ]
            })
    }
}
