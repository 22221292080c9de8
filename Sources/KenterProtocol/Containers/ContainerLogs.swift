public import JSONRPC

/// What a container has written.
///
/// Fails with `notFound`, `conflict`, `exhausted`.
public struct ContainerLogs: RPCMethod {
    public static let name = "container.logs"

    public var container: String
    /// Whether to go on until the container exits; needs `stream`.
    public var follow: Bool?
    /// The last so many lines.
    public var tail: Int?
    /// RFC 3339, or a number of seconds since 1970.
    public var since: String?
    /// Whether every line starts with its time.
    public var timestamps: Bool?
    /// The stream to send to; collected into the result where missing (at most 1 MiB, else `exhausted`).
    public var stream: String?

    public struct Result: Codable, Sendable {
        public var stdout: TextOrBytes?
        public var stderr: TextOrBytes?
        /// That of the main process, where it has ended.
        public var exitCode: Int?

        public init(
            stdout: TextOrBytes? = nil, stderr: TextOrBytes? = nil, exitCode: Int? = nil
        ) {
            self.stdout = stdout
            self.stderr = stderr
            self.exitCode = exitCode
        }
    }

    public init(
        container: String, follow: Bool? = nil, tail: Int? = nil, since: String? = nil, timestamps: Bool? = nil,
        stream: String? = nil
    ) {
        self.container = container
        self.follow = follow
        self.tail = tail
        self.since = since
        self.timestamps = timestamps
        self.stream = stream
    }
}
