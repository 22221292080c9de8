/// A network that a container is to join.
public struct MembershipRequest: Codable, Sendable, Equatable {
    /// A name, id or unambiguous id prefix.
    public var network: String
    /// Further names of the container in this network.
    public var aliases: [String]?
    /// The IPv4 address it asks for.
    public var ip: String?
    /// The IPv6 address it asks for.
    public var ip6: String?

    public init(network: String, aliases: [String]? = nil, ip: String? = nil, ip6: String? = nil) {
        self.network = network
        self.aliases = aliases
        self.ip = ip
        self.ip6 = ip6
    }
}
