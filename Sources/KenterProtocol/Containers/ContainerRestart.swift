public import JSONRPC

/// Stops and starts containers. Links are checked first: when a source is down, the container keeps running.
///
/// Fails with `notFound`, `conflict`, `precondition`, `pending`, `exhausted`, `degraded`, `forbidden`,
/// `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`.
public struct ContainerRestart: RPCMethod {
    public static let name = "container.restart"

    public var container: String?
    public var containers: [String]?
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
