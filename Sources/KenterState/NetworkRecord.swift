package import JSONRPC
package import KenterProtocol

/// A network as the engine remembers it.
package struct NetworkRecord: Codable, Sendable {
    package let id: String
    package var name: String
    package var provider: String
    package var spec: NetworkSpecification
    package let createdAt: Timestamp
    /// What the provider returned; `nil` until it exists there.
    package var providerState: JSONObject?
    package var gateways: [String]

    package init(
        id: String, name: String, provider: String, spec: NetworkSpecification, createdAt: Timestamp,
        providerState: JSONObject? = nil, gateways: [String] = []
    ) {
        self.id = id
        self.name = name
        self.provider = provider
        self.spec = spec
        self.createdAt = createdAt
        self.providerState = providerState
        self.gateways = gateways
    }
}

/// A container's place on a network while it runs.
package struct AttachmentRecord: Codable, Sendable {
    package let id: String
    package let containerId: String
    package let networkId: String
    /// Without prefix length.
    package var addresses: ContainerAddresses
    package var prefixLength: Int
    /// As bound; empty until attached.
    package var ports: [Port]
    package var mac: String?
    package var gateway: String?
    /// What the provider returned; `nil` until attached.
    package var providerState: JSONObject?

    package init(
        id: String, containerId: String, networkId: String, addresses: ContainerAddresses, prefixLength: Int,
        ports: [Port] = [], mac: String? = nil, gateway: String? = nil, providerState: JSONObject? = nil
    ) {
        self.id = id
        self.containerId = containerId
        self.networkId = networkId
        self.addresses = addresses
        self.prefixLength = prefixLength
        self.ports = ports
        self.mac = mac
        self.gateway = gateway
        self.providerState = providerState
    }

    /// Whether the provider has confirmed it.
    package var isAttached: Bool { providerState != nil }
}
