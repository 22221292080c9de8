public import JSONRPC

/// How a volume is.
public struct ProviderVolumeInspect: RPCMethod {
    public static let name = "provider.volume.inspect"

    public var volumeId: String

    public struct Health: Codable, Sendable, Equatable {
        public var ok: Bool
        public var message: String?

        public init(
            ok: Bool, message: String? = nil
        ) {
            self.ok = ok
            self.message = message
        }
    }

    public struct Result: Codable, Sendable {
        public var usedBytes: Int64?
        public var health: Health

        public init(
            usedBytes: Int64? = nil, health: Health
        ) {
            self.usedBytes = usedBytes
            self.health = health
        }
    }

    public init(
        volumeId: String
    ) {
        self.volumeId = volumeId
    }
}
