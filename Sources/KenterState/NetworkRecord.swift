package import JSONRPC
package import KenterProtocol

/// A network as the engine remembers it.
package struct NetworkRecord: Codable, Sendable {
    package let id: String
    package var name: String
    package var provider: String
    package var spec: NetworkSpecification
    package var labels: [String: String]
    package let createdAt: Timestamp
    /// What the provider returned; `nil` while it does not exist there.
    package var providerState: JSONObject?
    package var gateways: [String]
    /// Whether its removal has begun: nobody joins it any more.
    package var isRemoving: Bool
    /// Whether nobody has been told of it yet: after a failure, or a crash of the engine, it is removed.
    package var isProvisional: Bool?

    package init(
        id: String, name: String, provider: String, spec: NetworkSpecification, labels: [String: String] = [:],
        createdAt: Timestamp, providerState: JSONObject? = nil, gateways: [String] = [], isRemoving: Bool = false,
        isProvisional: Bool? = nil
    ) {
        self.id = id
        self.name = name
        self.provider = provider
        self.spec = spec
        self.labels = labels
        self.createdAt = createdAt
        self.providerState = providerState
        self.gateways = gateways
        self.isRemoving = isRemoving
        self.isProvisional = isProvisional
    }
}

/// That a container belongs to a network, whether it runs or not.
package struct MembershipRecord: Codable, Sendable, Equatable {
    package let containerId: String
    package let networkId: String
    /// Its place among the container's networks, ascending: the first one is its way out and where its ports are.
    package var position: Int
    /// Names of the container in this network, beside its own.
    package var aliases: [String]
    /// The addresses it asks for.
    package var requested: ContainerAddresses

    package init(
        containerId: String, networkId: String, position: Int = 0, aliases: [String] = [],
        requested: ContainerAddresses = ContainerAddresses()
    ) {
        self.containerId = containerId
        self.networkId = networkId
        self.position = position
        self.aliases = aliases
        self.requested = requested
    }
}

/// A container's place on a network while it runs.
package struct AttachmentRecord: Codable, Sendable {
    package let id: String
    package let containerId: String
    package let networkId: String
    /// The name of the network's interface in the container: `eth0`.
    package let interface: String
    /// Without prefix length.
    package var addresses: ContainerAddresses
    /// As bound; empty until attached.
    package var ports: [Port]
    package var mac: String?
    package var gateway: String?
    /// Its lines in the hosts files of the network's members.
    package var hosts: [LinkHostsEntry]
    /// What the provider returned; `nil` until attached.
    package var providerState: JSONObject?

    package init(
        id: String, containerId: String, networkId: String, interface: String = "eth0", addresses: ContainerAddresses,
        ports: [Port] = [], mac: String? = nil, gateway: String? = nil, hosts: [LinkHostsEntry] = [],
        providerState: JSONObject? = nil
    ) {
        self.id = id
        self.containerId = containerId
        self.networkId = networkId
        self.interface = interface
        self.addresses = addresses
        self.ports = ports
        self.mac = mac
        self.gateway = gateway
        self.hosts = hosts
        self.providerState = providerState
    }

    /// Whether the provider has confirmed it.
    package var isAttached: Bool { providerState != nil }
}
