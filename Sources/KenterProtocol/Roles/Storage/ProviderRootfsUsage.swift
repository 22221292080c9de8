public import JSONRPC

/// What a container has written.
public struct ProviderRootfsUsage: RPCMethod {
    public static let name = "provider.rootfs.usage"

    public var containerId: String

    public struct Result: Codable, Sendable {
        public var sizeBytes: Int64
        public var inodes: Int64

        public init(
            sizeBytes: Int64, inodes: Int64
        ) {
            self.sizeBytes = sizeBytes
            self.inodes = inodes
        }
    }

    public init(
        containerId: String
    ) {
        self.containerId = containerId
    }
}
