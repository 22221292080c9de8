public import JSONRPC

/// Links by consumer, in the order given there.
///
/// Fails with `notFound`.
public struct LinkList: RPCMethod {
    public static let name = "link.list"

    /// Only those of which it is consumer or source.
    public var container: String?
    public var limit: Int?
    public var cursor: String?

    public struct Result: Codable, Sendable {
        public var links: [Link]
        public var next: String?

        public init(
            links: [Link] = [], next: String? = nil
        ) {
            self.links = links
            self.next = next
        }
    }

    public init(
        container: String? = nil, limit: Int? = nil, cursor: String? = nil
    ) {
        self.container = container
        self.limit = limit
        self.cursor = cursor
    }
}
