public import JSONRPC

/// Volumes by name.
public struct VolumeList: RPCMethod {
    public static let name = "volume.list"

    public var limit: Int?
    public var cursor: String?

    public struct Result: Codable, Sendable {
        public var volumes: [Volume]
        public var next: String?

        public init(
            volumes: [Volume] = [], next: String? = nil
        ) {
            self.volumes = volumes
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

/// A volume as the API shows it.
public struct Volume: Codable, Sendable {
    public var name: String
    public var provider: String
    /// RFC 3339, UTC.
    public var createdAt: String
    public var labels: [String: String]
    public var parameters: [String: String]
    /// Names of the containers that use it.
    public var usedBy: [String]
    /// Whether it was made for one container and goes with it.
    public var isAnonymous: Bool

    public init(
        name: String, provider: String, createdAt: String, labels: [String: String] = [:],
        parameters: [String: String] = [:], usedBy: [String] = [], isAnonymous: Bool
    ) {
        self.name = name
        self.provider = provider
        self.createdAt = createdAt
        self.labels = labels
        self.parameters = parameters
        self.usedBy = usedBy
        self.isAnonymous = isAnonymous
    }
}
