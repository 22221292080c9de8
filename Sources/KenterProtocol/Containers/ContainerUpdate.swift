public import JSONRPC

/// Changes the limits and the restart policy of containers, at once where they run; the next start has them too.
///
/// What is not named stays as it is, and so does everything of a container that is refused: a limit below what its
/// processes use is refused by the kernel (`conflict`). A container that waits to be started again, and that the new policy
/// would not start, stays down.
///
/// Fails with `invalidParams`, `notFound`, `conflict`.
public struct ContainerUpdate: RPCMethod {
    public static let name = "container.update"

    public var container: String?
    public var containers: [String]?
    /// Of these, 0 lifts a limit.
    public var resources: Resources?
    /// `no` is the only policy of a container that removes itself.
    public var restart: RestartPolicy?

    public typealias Result = ContainerOutcomes

    public init(
        container: String? = nil, containers: [String]? = nil, resources: Resources? = nil,
        restart: RestartPolicy? = nil
    ) {
        self.container = container
        self.containers = containers
        self.resources = resources
        self.restart = restart
    }
}
