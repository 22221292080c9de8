public import JSONRPC

/// Networks by name.
public struct NetworkList: RPCMethod {
    public static let name = "network.list"

    public var limit: Int?
    public var cursor: String?

    public struct Result: Codable, Sendable {
        public var networks: [Network]
        public var next: String?

        public init(
            networks: [Network] = [], next: String? = nil
        ) {
            self.networks = networks
            self.next = next
        }
    }

    public init(
        limit: Int? = nil, cursor: String? = nil
    ) {
        self.limit = limit
        self.cursor = cursor
    }
}

/// A network as the API shows it.
public struct Network: Codable, Sendable {
    public struct Member: Codable, Sendable {
        public var container: String
        public var name: String
        public var ipv4: String?
        public var ipv6: String?

        public init(
            container: String, name: String, ipv4: String? = nil, ipv6: String? = nil
        ) {
            self.container = container
            self.name = name
            self.ipv4 = ipv4
            self.ipv6 = ipv6
        }
    }

    public var id: String
    public var name: String
    public var provider: String
    public var createdAt: String
    public var subnet: String?
    public var gateway: String?
    public var ipv6Subnet: String?
    public var isInternal: Bool
    public var isIsolated: Bool
    public var mtu: Int?
    /// Services of the host that members may reach.
    public var hostPorts: [String]
    public var options: [String: String]
    public var labels: [String: String]
    /// Containers that run on it.
    public var members: [Member]

    public init(
        id: String, name: String, provider: String, createdAt: String, subnet: String? = nil, gateway: String? = nil,
        ipv6Subnet: String? = nil, isInternal: Bool, isIsolated: Bool, mtu: Int? = nil, hostPorts: [String] = [],
        options: [String: String] = [:], labels: [String: String] = [:], members: [Member] = []
    ) {
        self.id = id
        self.name = name
        self.provider = provider
        self.createdAt = createdAt
        self.subnet = subnet
        self.gateway = gateway
        self.ipv6Subnet = ipv6Subnet
        self.isInternal = isInternal
        self.isIsolated = isIsolated
        self.mtu = mtu
        self.hostPorts = hostPorts
        self.options = options
        self.labels = labels
        self.members = members
    }
}
