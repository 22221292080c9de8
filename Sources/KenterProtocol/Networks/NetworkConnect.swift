public import JSONRPC

/// Connects a container to one more network: a running one at once, through an interface of its own, any other at its
/// next start.
///
/// Fails with `notFound`, `alreadyExists` (it is connected), `conflict` (the address is taken), `exhausted` (none
/// is free), `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`; nothing has changed then.
public struct NetworkConnect: RPCMethod, Equatable {
    public static let name = "network.connect"

    /// A name, id or unambiguous id prefix.
    public var network: String
    public var container: String
    /// Further names of the container in this network.
    public var aliases: [String]?
    /// The IPv4 address it asks for.
    public var ip: String?
    /// The IPv6 address it asks for.
    public var ip6: String?

    public typealias Result = Empty

    public init(
        network: String, container: String, aliases: [String]? = nil, ip: String? = nil, ip6: String? = nil
    ) {
        self.network = network
        self.container = container
        self.aliases = aliases
        self.ip = ip
        self.ip6 = ip6
    }
}
