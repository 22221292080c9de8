public import JSONRPC

/// Fetches images from registries; progress goes to `_meta.progressToken`.
///
/// Fails with `notFound`, `conflict`, `precondition`, `permission`, `exhausted`, `unavailable`, `unsupported`,
/// `pluginCrashed`, `pluginProtocol`.
public struct ImagePull: RPCMethod {
    public static let name = "image.pull"

    public var references: [String]
    /// `linux/arm64`; the host's where missing.
    public var platform: String?

    public typealias Result = ImagesChanged

    public init(
        references: [String] = [], platform: String? = nil
    ) {
        self.references = references
        self.platform = platform
    }
}

/// Images that an operation brought or found.
public struct ImagesChanged: Codable, Sendable {
    public var images: [ImageSummary]

    public init(
        images: [ImageSummary] = []
    ) {
        self.images = images
    }
}
