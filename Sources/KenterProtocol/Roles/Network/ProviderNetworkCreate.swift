public import JSONRPC

/// Makes a network.
public struct ProviderNetworkCreate: RPCMethod {
    public static let name = "provider.network.create"

    public var networkId: String
    /// For people.
    public var networkName: String
    public var spec: NetworkSpecification

    private enum CodingKeys: String, CodingKey {
        case networkId, spec
        case networkName = "name"
    }

    public struct Result: Codable, Sendable {
        public var state: JSONObject
        public var gateways: [String]
        public var device: String?

        public init(
            state: JSONObject, gateways: [String] = [], device: String? = nil
        ) {
            self.state = state
            self.gateways = gateways
            self.device = device
        }
    }

    public init(
        networkId: String, networkName: String, spec: NetworkSpecification
    ) {
        self.networkId = networkId
        self.networkName = networkName
        self.spec = spec
    }
}
