public import JSONRPC

/// Sends the stop signal and, after the time-out, SIGKILL; answers once the containers have exited.
///
/// Fails with `notFound`, `precondition`.
public struct ContainerStop: RPCMethod {
    public static let name = "container.stop"

    public var container: String?
    public var containers: [String]?
    /// The container's own where missing.
    public var timeoutSeconds: Int?
    public var signal: String?

    public typealias Result = ContainerOutcomes

    public init(
        container: String? = nil, containers: [String]? = nil, timeoutSeconds: Int? = nil, signal: String? = nil
    ) {
        self.container = container
        self.containers = containers
        self.timeoutSeconds = timeoutSeconds
        self.signal = signal
    }
}
