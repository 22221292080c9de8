import Glibc
import JSONRPC
import KenterProtocol

struct ImageListCommand: Command {
    static let abstract = "List images."

    let engine: EngineOptions
    let listing: ListingOptions
    let filter: [String]
    let all: Bool
    let digests: Bool
    let name: String?

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        listing = try ListingOptions(&arguments)
        filter = arguments.values(
            "filter", "f", "value", "Only some: dangling (without a name) or reference (a pattern of names), each =….")
        all = arguments.flag("all", "a", "")
        digests = arguments.flag("digests", "Show digests.")
        name = arguments.optionalOperand("NAME")
    }

    static let filters: [(name: String, test: ListFilters.Test)] = [
        ("dangling", ListFilters.dangling("references")),
        (
            "reference",
            { object, value in
                let references = object["references"]?.array?.compactMap(\.string) ?? []
                return references.contains {
                    fnmatch(value, $0, 0) == 0 || fnmatch(value, split($0).repository, 0) == 0
                }
            }
        ),
    ]

    func run() async throws {
        let filters = try ListFilters(filter, Self.filters)
        let client = try await engine.connect()
        var items = try await Listing.all(client, ImageList.name, "images").filter(filters.match)
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
