public import JSONRPC

/// Sends a file or a directory of a container, running or not, as a tar archive over a stream (channel `stdout`).
///
/// The archive's first entry is what was asked for, under its own name; of a path that ends with `/.` it is `./`, and
/// everything else lies below. Links are sent as links, a file with several names once. The path is looked up inside the
/// container, with its volumes and binds; of one that does not run, what a tmpfs held is gone. What only the kernel tells
/// (`/proc`, `/sys`) is not sent. While a container that does not run is read, it does not start, and nothing moving for
/// 60 seconds ends the copy with `timeout`. After an error the archive has no end. A request with an idempotency key is
/// refused.
///
/// Fails with `notFound`, `conflict`, `precondition`, `pending`, `permission`, `forbidden`, `exhausted`, `timeout`,
/// `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`.
public struct ContainerCopyOut: RPCMethod {
    public static let name = "container.copyOut"

    public var container: String
    /// Seen from the container's root.
    public var path: String
    public var stream: String
    /// Whether a link at the end of the path is followed; one that ends with `/` or `/.` always is.
    public var followLink: Bool?

    public typealias Result = ContainerCopyResult

    public init(
        container: String, path: String, stream: String, followLink: Bool? = nil
    ) {
        self.container = container
        self.path = path
        self.stream = stream
        self.followLink = followLink
    }
}

/// What was copied.
public struct ContainerCopyResult: Codable, Sendable {
    /// Of the archive, as it was sent over the stream.
    public var archiveBytes: Int64
    /// What was left out and why, at most a hundred of them: `run/app.sock: a socket`.
    public var skipped: [String]

    public init(
        archiveBytes: Int64, skipped: [String]
    ) {
        self.archiveBytes = archiveBytes
        self.skipped = skipped
    }
}
