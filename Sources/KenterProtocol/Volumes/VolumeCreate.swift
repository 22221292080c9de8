public import JSONRPC

/// Creates a volume and answers once its storage is durable; answers the same for one that exists with the same
/// specification.
///
/// Fails with `notFound`, `conflict`, `precondition`, `pending`, `unavailable`, `unsupported`, `pluginCrashed`,
/// `pluginProtocol`.
public struct VolumeCreate: RPCMethod {
    public static let name = "volume.create"

    /// 2 to 255 characters `[a-zA-Z0-9][a-zA-Z0-9_.-]+`; 64 hexadecimal digits are made up where missing.
    public var name: String?
    public var provider: String?
    /// Upper bound in bytes; `nil` lets the provider decide.
    public var capacityBytes: UInt64?
    public var parameters: [String: String]?
    public var labels: [String: String]?

    public struct Result: Codable, Sendable {
        public var name: String

        public init(
            name: String
        ) {
            self.name = name
        }
    }

    public init(
        name: String? = nil, provider: String? = nil, capacityBytes: UInt64? = nil, parameters: [String: String]? = nil,
        labels: [String: String]? = nil
    ) {
        self.name = name
        self.provider = provider
        self.capacityBytes = capacityBytes
        self.parameters = parameters
        self.labels = labels
    }
}
