public import JSONRPC

/// Takes a tar archive over a stream (channel `stdin`) and unpacks it in a container, running or not.
///
/// The archive may be compressed with gzip, bzip2, xz or zstd. The path is looked up inside the container, with its volumes
/// and binds; below it no link is followed, neither one of the archive nor one of the container. Files replace files;
/// neither replaces a directory nor a directory a file. Directories that are there keep their owners and modes. Names with
/// `..` are refused, devices left out. What was unpacked before an error stays. While a container that does not run is
/// written to, it does not start, and nothing moving for 60 seconds ends the copy with `timeout`. A request with an
/// idempotency key is refused.
///
/// Fails with `notFound`, `conflict`, `precondition`, `pending`, `permission`, `forbidden`, `exhausted`, `timeout`,
/// `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`.
public struct ContainerCopyIn: RPCMethod {
    public static let name = "container.copyIn"

    public var container: String
    /// Seen from the container's root: a directory, unless `place` is said.
    public var path: String
    public var stream: String
    /// Whether the archive is of one file or directory, its first entry, that goes into `path` where that is a directory,
    /// and else becomes `path`: the rules of `cp`. Without, everything is unpacked below `path`.
    public var place: Bool?
    /// Whether files belong to whom the archive says, with all bits of their modes; without, to the container's root.
    public var preserveOwners: Bool?

    public typealias Result = ContainerCopyResult

    public init(
        container: String, path: String, stream: String, place: Bool? = nil, preserveOwners: Bool? = nil
    ) {
        self.container = container
        self.path = path
        self.stream = stream
        self.place = place
        self.preserveOwners = preserveOwners
    }
}
