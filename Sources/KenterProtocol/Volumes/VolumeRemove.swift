public import JSONRPC

/// Removes volumes that no container uses, with their data.
///
/// Fails with `notFound`, `conflict`, `precondition`, `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`.
public struct VolumeRemove: RPCMethod {
    public static let name = "volume.remove"

    public var volumes: [String]
    /// Whether a missing volume is no error.
    public var force: Bool?

    public struct Result: Codable, Sendable {
        public var removed: [String]

        public init(
            removed: [String] = []
        ) {
            self.removed = removed
        }
    }

    public init(
        volumes: [String] = [], force: Bool? = nil
    ) {
        self.volumes = volumes
        self.force = force
    }
}
