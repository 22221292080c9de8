public import JSONRPC

/// Answers once a container has come to a state.
///
/// Fails with `notFound`, `precondition`.
public struct ContainerWait: RPCMethod {
    public static let name = "container.wait"

    public enum Condition: String, Codable, Sendable, CaseIterable {
        case exited, running, healthy
    }

    public var container: String
    /// `exited` where missing. For a created container `exited` means: started and exited. `healthy` fails with
    /// `precondition` for a container that has no healthcheck, or has exited.
    public var until: Condition?

    public struct Result: Codable, Sendable {
        public var exitCode: Int?
        public var state: ContainerStatus

        public init(
            exitCode: Int? = nil, state: ContainerStatus
        ) {
            self.exitCode = exitCode
            self.state = state
        }
    }

    public init(
        container: String, until: Condition? = nil
    ) {
        self.container = container
        self.until = until
    }
}
