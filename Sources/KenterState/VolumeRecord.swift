package import JSONRPC
package import KenterProtocol

/// A volume as the engine remembers it.
package struct VolumeRecord: Codable, Sendable {
    package let id: String
    package let name: String
    package var provider: String
    package var spec: ProviderVolumeCreate.Specification
    package var labels: [String: String]
    package let createdAt: Timestamp
    package var isAnonymous: Bool
    /// Whether nothing has been put into it yet: the first container that mounts it fills it from its image.
    package var isUnused: Bool
    /// What the provider returned; `nil` until it exists there.
    package var providerState: JSONObject?
    /// Whether its removal has begun: nothing may use it any more.
    package var isRemoving: Bool?
    /// Whether nobody has been told of it yet: after a failure, or a crash of the engine, it is removed.
    package var isProvisional: Bool?

    package init(
        id: String, name: String, provider: String, spec: ProviderVolumeCreate.Specification,
        labels: [String: String], createdAt: Timestamp, isAnonymous: Bool, isUnused: Bool = true,
        providerState: JSONObject? = nil, isProvisional: Bool? = nil
    ) {
        self.id = id
        self.name = name
        self.provider = provider
        self.spec = spec
        self.labels = labels
        self.createdAt = createdAt
        self.isAnonymous = isAnonymous
        self.isUnused = isUnused
        self.providerState = providerState
        self.isProvisional = isProvisional
    }
}
