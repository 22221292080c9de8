public import JSONRPC

/// Images of this engine, newest first.
public struct ImageList: RPCMethod {
    public static let name = "image.list"

    public var limit: Int?
    public var cursor: String?

    public struct Result: Codable, Sendable {
        public var images: [ImageSummary]
        public var next: String?

        public init(
            images: [ImageSummary] = [], next: String? = nil
        ) {
            self.images = images
            self.next = next
        }
    }

    public init(
        limit: Int? = nil, cursor: String? = nil
    ) {
        self.limit = limit
        self.cursor = cursor
    }
}

/// A line of `image.list`.
public struct ImageSummary: Codable, Sendable {
    /// `sha256:` and 64 digits: the digest of its configuration.
    public var id: String
    /// `name:tag` as people write them: without `docker.io/library/`.
    public var references: [String]
    /// `name@sha256:…` where it came from a registry.
    public var digests: [String]
    /// RFC 3339, UTC.
    public var createdAt: String
    /// Of its unpacked layers.
    public var sizeBytes: Int64

    public init(
        id: String, references: [String] = [], digests: [String] = [], createdAt: String, sizeBytes: Int64
    ) {
        self.id = id
        self.references = references
        self.digests = digests
        self.createdAt = createdAt
        self.sizeBytes = sizeBytes
    }
}
