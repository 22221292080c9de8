import JSONRPC
import KenterProtocol

struct LinkListCommand: Command {
    static let abstract = "List links."

    let engine: EngineOptions
    let listing: ListingOptions
    let container: String?

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        listing = try ListingOptions(&arguments)
        container = arguments.optionalOperand("CONTAINER")
    }

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
                        "\(link.consumer)/\(link.alias)", source(of: link), link.state.rawValue, link.provider,
                        link.pending.count > 2
                            ? "\(link.pending.count) variables" : link.pending.joined(separator: ", "),
                    ]
                ]
            })
    }

    /// The name of one that is there, else the id of one that is gone.
    private func source(of link: Link) -> String {
        listing.noTrunc ? link.source : HumanText.shortened(id: link.source)
    }
}
