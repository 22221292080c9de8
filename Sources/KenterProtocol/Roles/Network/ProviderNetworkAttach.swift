public import JSONRPC

/// Connects a network namespace to a network and publishes its ports.
public struct ProviderNetworkAttach: RPCMethod, Equatable {
    public static let name = "provider.network.attach"

    public var attachmentId: String
    public var networkId: String
    public var networkState: JSONObject
    /// Path of the namespace: a bind mount that the engine owns.
    public var netns: String
    /// Name of the interface inside.
    public var interface: String
    /// With prefix length: `172.17.0.2/16`.
    public var addresses: [String]
    public var mac: String?
    public var hostname: String
    public var ports: [Port]
    public var hostPorts: [String]?

    public struct Result: Codable, Sendable, Equatable {
        public struct Route: Codable, Sendable, Equatable {
            public var destination: String
            public var gateway: String?

            public init(
                destination: String, gateway: String? = nil
            ) {
                self.destination = destination
                self.gateway = gateway
            }
        }

        public var interface: String
        public var mac: String
        public var addresses: [String]
        public var gateways: [String]
        public var routes: [Route]
        /// As bound: a host port for every published port, one entry for each family.
        public var ports: [Port]
        public var state: JSONObject

        public init(
            interface: String, mac: String, addresses: [String] = [], gateways: [String] = [], routes: [Route] = [],
            ports: [Port] = [], state: JSONObject
        ) {
            self.interface = interface
            self.mac = mac
            self.addresses = addresses
            self.gateways = gateways
            self.routes = routes
            self.ports = ports
            self.state = state
        }
    }

    public init(
        attachmentId: String, networkId: String, networkState: JSONObject, netns: String, interface: String,
        addresses: [String] = [], mac: String? = nil, hostname: String, ports: [Port] = [], hostPorts: [String]? = nil
    ) {
        self.attachmentId = attachmentId
        self.networkId = networkId
        self.networkState = networkState
        self.netns = netns
        self.interface = interface
        self.addresses = addresses
        self.mac = mac
        self.hostname = hostname
        self.ports = ports
        self.hostPorts = hostPorts
    }
}
