/// Something to mount into a container.
public struct MountRequest: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        case bind, volume, tmpfs
    }

    public var type: Kind
    /// A bind's path on the host, or a volume's name; a volume without a name is made for this container.
    public var source: String?
    /// Absolute, in the container.
    public var target: String
    public var readOnly: Bool?
    /// For a tmpfs: its size limit.
    public var sizeBytes: Int64?
    /// For a bind: whether a missing source is made, as an empty directory.
    public var createSource: Bool?

    public init(
        type: Kind, source: String? = nil, target: String, readOnly: Bool? = nil, sizeBytes: Int64? = nil,
        createSource: Bool? = nil
    ) {
        self.createSource = createSource
        self.type = type
        self.source = source
        self.target = target
        self.readOnly = readOnly
        self.sizeBytes = sizeBytes
    }
}
