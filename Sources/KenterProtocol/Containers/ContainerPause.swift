public import JSONRPC

/// Freezes all processes of running containers.
///
/// Fails with `notFound`, `precondition`.
public struct ContainerPause: RPCMethod {
    public static let name = "container.pause"

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
