public import JSONRPC

/// Checks a network's specification and fills in defaults; no side effects.
public struct ProviderNetworkValidate: RPCMethod {
    public static let name = "provider.network.validate"

    public var spec: NetworkSpecification

    public struct Result: Codable, Sendable {
        public var spec: NetworkSpecification

        public init(
            spec: NetworkSpecification
        ) {
            self.spec = spec
        }
    }

    public init(
        spec: NetworkSpecification
    ) {
        self.spec = spec
    }
}

/// What a network is to be.
public struct NetworkSpecification: Codable, Sendable, Equatable {
    /// `172.17.0.0/16`.
    public var subnet: String?
    public var gateway: String?
    public var ipv6Subnet: String?
    public var mtu: Int?
    /// No way out to other networks.
    public var `internal`: Bool?
    /// Members reach each other only through links.
    public var isolated: Bool?
    /// Services of the host that members may reach: `5432/tcp`.
    public var hostPorts: [String]?
    public var options: [String: String]?

    public init(
        subnet: String? = nil, gateway: String? = nil, ipv6Subnet: String? = nil, mtu: Int? = nil,
        `internal`: Bool? = nil, isolated: Bool? = nil, hostPorts: [String]? = nil, options: [String: String]? = nil
    ) {
        self.subnet = subnet
        self.gateway = gateway
        self.ipv6Subnet = ipv6Subnet
        self.mtu = mtu
        self.`internal` = `internal`
        self.isolated = isolated
        self.hostPorts = hostPorts
        self.options = options
    }
}
