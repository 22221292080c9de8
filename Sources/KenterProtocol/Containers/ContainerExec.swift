public import JSONRPC

/// Runs a further command in a running container.
///
/// Its environment is the container's with freshly computed link variables, then `env`. Exit codes: 126 not executable,
/// 127 not found.
///
/// Fails with `notFound`, `conflict`, `precondition`, `exhausted`, `unavailable`, `unsupported`, `pluginCrashed`,
/// `pluginProtocol`.
public struct ContainerExec: RPCMethod {
    public static let name = "container.exec"

    public var container: String
    public var command: [String]
    public var env: [String]?
    public var user: String?
    public var workdir: String?
    public var tty: Bool?
    /// The size that its terminal has from the start, 1 to 1,000 characters; 80 × 24 where missing.
    public var columns: Int?
    public var rows: Int?
    /// Whether the command reads what the client sends on the stream.
    public var stdin: Bool?
    /// Whether to answer at once and leave the command running; its output is dropped.
    public var detach: Bool?
    /// Whether it gets every capability, though the container's main process has not.
    public var privileged: Bool?
    /// Where missing, output is collected into the result (at most 1 MiB, else `exhausted`).
    public var stream: String?

    public struct Result: Codable, Sendable {
        /// Missing after `detach`.
        public var exitCode: Int?
        public var stdout: TextOrBytes?
        public var stderr: TextOrBytes?

        public init(
            exitCode: Int? = nil, stdout: TextOrBytes? = nil, stderr: TextOrBytes? = nil
        ) {
            self.exitCode = exitCode
            self.stdout = stdout
            self.stderr = stderr
        }
    }

    public init(
        container: String, command: [String] = [], env: [String]? = nil, user: String? = nil, workdir: String? = nil,
        tty: Bool? = nil, columns: Int? = nil, rows: Int? = nil, stdin: Bool? = nil, detach: Bool? = nil,
        privileged: Bool? = nil, stream: String? = nil
    ) {
        self.container = container
        self.command = command
        self.env = env
        self.user = user
        self.workdir = workdir
        self.tty = tty
        self.columns = columns
        self.rows = rows
        self.stdin = stdin
        self.detach = detach
        self.privileged = privileged
        self.stream = stream
    }
}
