public import JSONRPC

/// Lets paused containers go on.
///
/// Fails with `notFound`, `precondition`.
public struct ContainerResume: RPCMethod {
    public static let name = "container.resume"

    public var container: String?
    public var containers: [String]?

    public typealias Result = ContainerOutcomes

    public init(
        container: String? = nil, containers: [String]? = nil
    ) {
        self.container = container
        self.containers = containers
    }
}
