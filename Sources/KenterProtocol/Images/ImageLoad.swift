public import JSONRPC

/// Takes images from an archive: docker-archive or oci-archive, plain or compressed.
///
/// Fails with `notFound`, `conflict`, `precondition`, `exhausted`, `unavailable`, `unsupported`, `pluginCrashed`,
/// `pluginProtocol`.
public struct ImageLoad: RPCMethod {
    public static let name = "image.load"

    /// A regular file that the engine opens itself.
    public var path: String?
    /// A stream on which the client sends the file (channel stdin).
    public var stream: String?

    public typealias Result = ImagesChanged

    public init(
        path: String? = nil, stream: String? = nil
    ) {
        self.path = path
        self.stream = stream
    }
}
