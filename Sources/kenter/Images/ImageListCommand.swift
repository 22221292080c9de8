import ArgumentParser
import JSONRPC
import KenterProtocol

struct ImageListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "ls", abstract: "List images.", aliases: ["list"])

    @OptionGroup var engine: EngineOptions
    @OptionGroup var listing: ListingOptions
    @Flag(name: [.customShort("a"), .long], help: ArgumentHelp(visibility: .hidden)) var all = false
    @Flag(help: "Show digests.") var digests = false
    @Argument(help: "Only images of this name, with or without a tag.") var name: String?

    func run() async throws {
        let client = try await engine.connect()
        var items = try await Listing.all(client, ImageList.name, "images")
        if let name {
            items = items.filter { item in
                let references = item.object?["references"]?.array?.compactMap(\.string) ?? []
                return references.contains { $0 == name || Self.split($0).repository == name }
            }
        }
        let headings = ["REPOSITORY", "TAG"] + (digests ? ["DIGEST"] : []) + ["IMAGE ID", "CREATED", "SIZE"]
        try Listing.show(
            items, listing, headings: headings, name: { (image: ImageSummary) in listing.id(image.id) }, row: rows)
    }

    private func rows(_ image: ImageSummary) -> [[String]] {
        let digest = image.digests.first?.split(separator: "@").last.map(String.init) ?? "<none>"
        let names = image.references.isEmpty ? ["<none>:<none>"] : image.references
        return names.map { name in
            let (repository, tag) = Self.split(name)
            return [repository, tag] + (digests ? [digest] : []) + [
                listing.id(image.id), HumanText.age(of: image.createdAt), HumanText.size(bytes: image.sizeBytes),
            ]
        }
    }

    /// A reference's name and its tag; the colon of a registry's port is none.
    static func split(_ reference: String) -> (repository: String, tag: String) {
        guard let colon = reference.lastIndex(of: ":"), !reference[colon...].contains("/") else {
            return (reference, "<none>")
        }
        return (String(reference[..<colon]), String(reference[reference.index(after: colon)...]))
    }
}

/// `kenter images`: Docker's word for `kenter image ls`.
struct ImagesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "images", abstract: "List images.")

    @OptionGroup var list: ImageListCommand

    func run() async throws { try await list.run() }
}
