public import JSONRPC

/// Connects a stream to a container's main process; answers when it has exited.
///
/// A created container may be attached before it is started: nothing is lost.
///
/// Fails with `notFound`, `conflict`, `precondition`.
public struct ContainerAttach: RPCMethod {
    public static let name = "container.attach"

    public var container: String
    public var stream: String
    /// Whether the client's stdin goes to the process.
    public var stdin: Bool?

    public struct Result: Codable, Sendable {
        public var exitCode: Int

        public init(
            exitCode: Int
        ) {
            self.exitCode = exitCode
        }
    }

    public init(
        container: String, stream: String, stdin: Bool? = nil
    ) {
        self.container = container
        self.stream = stream
        self.stdin = stdin
    }
}
