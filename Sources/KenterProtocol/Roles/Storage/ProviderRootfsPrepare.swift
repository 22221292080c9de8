public import JSONRPC

/// Makes a writable root filesystem from layers.
public struct ProviderRootfsPrepare: RPCMethod {
    public static let name = "provider.rootfs.prepare"

    public var containerId: String
    /// Digests, lowest first; may be empty.
    public var layers: [String]

    public struct Result: Codable, Sendable {
        public var mount: ProviderMount
        public var state: JSONObject

        public init(
            mount: ProviderMount, state: JSONObject
        ) {
            self.mount = mount
            self.state = state
        }
    }

    public init(
        containerId: String, layers: [String] = []
    ) {
        self.containerId = containerId
        self.layers = layers
    }
}
