public import JSONRPC

/// Disconnects a container from a network; every path there is closed when the answer comes.
///
/// Fails with `notFound` where the container is no member, with `degraded` where a running one could not be taken off and
/// stays, with `unavailable`.
public struct NetworkDisconnect: RPCMethod, Equatable {
    public static let name = "network.disconnect"

    /// A name, id or unambiguous id prefix.
    public var network: String
    public var container: String
    /// Whether it is no error that the container is no member.
    public var force: Bool?

    public typealias Result = Empty

    public init(
        network: String, container: String, force: Bool? = nil
    ) {
        self.network = network
        self.container = container
        self.force = force
    }
}
