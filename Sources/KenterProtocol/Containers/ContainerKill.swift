public import JSONRPC

/// Sends a signal to the main process of running containers.
///
/// Fails with `notFound`, `precondition`.
public struct ContainerKill: RPCMethod {
    public static let name = "container.kill"

    public var container: String?
    public var containers: [String]?
    /// SIGKILL where missing.
    public var signal: String?

    public typealias Result = ContainerOutcomes

    public init(
        container: String? = nil, containers: [String]? = nil, signal: String? = nil
    ) {
        self.container = container
        self.containers = containers
        self.signal = signal
    }
}
