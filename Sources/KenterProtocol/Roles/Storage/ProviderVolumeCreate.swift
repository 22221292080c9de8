public import JSONRPC

/// Makes a volume.
public struct ProviderVolumeCreate: RPCMethod {
    public static let name = "provider.volume.create"

    public struct Specification: Codable, Sendable, Equatable {
        public var capacityBytes: UInt64?
        public var parameters: [String: String]?

        public init(
            capacityBytes: UInt64? = nil, parameters: [String: String]? = nil
        ) {
            self.capacityBytes = capacityBytes
            self.parameters = parameters
        }
    }

    public var volumeId: String
    /// For people.
    public var volumeName: String
    public var spec: Specification

    private enum CodingKeys: String, CodingKey {
        case volumeId, spec
        case volumeName = "name"
    }

    public struct Result: Codable, Sendable {
        public var state: JSONObject

        public init(
            state: JSONObject
        ) {
            self.state = state
        }
    }

    public init(
        volumeId: String, volumeName: String, spec: Specification
    ) {
        self.volumeId = volumeId
        self.volumeName = volumeName
        self.spec = spec
    }
}
