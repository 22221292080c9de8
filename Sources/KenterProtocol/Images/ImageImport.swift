public import JSONRPC

/// Makes an image of one layer from the tar archive of a root filesystem.
///
/// Fails with `notFound`, `conflict`, `precondition`, `exhausted`, `unavailable`, `unsupported`, `pluginCrashed`,
/// `pluginProtocol`.
public struct ImageImport: RPCMethod {
    public static let name = "image.import"

    public var path: String?
    public var stream: String?
    public var reference: String
    /// `CMD`, `ENTRYPOINT`, `ENV`, `EXPOSE`, `VOLUME`, `USER`, `WORKDIR`, `LABEL`, as in a Dockerfile.
    public var changes: [String]?

    public typealias Result = ImagesChanged

    public init(
        path: String? = nil, stream: String? = nil, reference: String, changes: [String]? = nil
    ) {
        self.path = path
        self.stream = stream
        self.reference = reference
        self.changes = changes
    }
}
