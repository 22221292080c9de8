public import JSONRPC

/// Makes a network. Its members reach each other and know each other's names, unless it is isolated; nobody outside of
/// it reaches them.
///
/// Fails with `alreadyExists` (the name is taken), `permission` (the name is predefined), `conflict` (a subnet
/// overlaps another network or a route of the host), `exhausted` (no subnet is free), `notFound` (no such plugin),
/// `precondition`, `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`, with Docker's texts where Docker has one.
public struct NetworkCreate: RPCMethod, Equatable {
    public static let name = "network.create"

    /// 1 to 64 characters `[a-zA-Z0-9][a-zA-Z0-9_.-]*`.
    public var networkName: String
    /// `172.20.0.0/16`; chosen where missing.
    public var subnet: String?
    /// An address of the subnet; its first one where missing.
    public var gateway: String?
    /// `fd00:1::/64`; no IPv6 where missing, unless `ipv6` asks for it.
    public var ipv6Subnet: String?
    /// Whether the network has IPv6, with a subnet of its own choice where none is given.
    public var ipv6: Bool?
    /// Whether its members have no way out to other networks.
    public var `internal`: Bool?
    /// Whether its members reach each other, and know each other's names, only through links.
    public var isolated: Bool?
    /// Services of the host that its members may reach: `5432/tcp`, `7000-7010/udp`; at most 1024 ports in all.
    public var hostPorts: [String]?
    /// Bytes; the host's default where missing.
    public var mtu: Int?
    /// The default network provider where missing.
    public var provider: String?
    /// The provider's own.
    public var options: [String: String]?
    public var labels: [String: String]?

    private enum CodingKeys: String, CodingKey {
        case networkName = "name"
        case subnet, gateway, ipv6Subnet, ipv6, `internal`, isolated, hostPorts, mtu, provider, options, labels
    }

    public struct Result: Codable, Sendable {
        public var id: String
        public var name: String

        public init(
            id: String, name: String
        ) {
            self.id = id
            self.name = name
        }
    }

    public init(
        networkName: String, subnet: String? = nil, gateway: String? = nil, ipv6Subnet: String? = nil,
        ipv6: Bool? = nil, `internal`: Bool? = nil, isolated: Bool? = nil, hostPorts: [String]? = nil, mtu: Int? = nil,
        provider: String? = nil, options: [String: String]? = nil, labels: [String: String]? = nil
    ) {
        self.networkName = networkName
        self.subnet = subnet
        self.gateway = gateway
        self.ipv6Subnet = ipv6Subnet
        self.ipv6 = ipv6
        self.`internal` = `internal`
        self.isolated = isolated
        self.hostPorts = hostPorts
        self.mtu = mtu
        self.provider = provider
        self.options = options
        self.labels = labels
    }
}
