public import JSONRPC

/// Says how to mount a volume. References are counted by the engine.
public struct ProviderVolumeMount: RPCMethod {
    public static let name = "provider.volume.mount"

    public var mountId: String
    public var volumeId: String
    public var volumeState: JSONObject
    public var readOnly: Bool

    public struct Result: Codable, Sendable {
        public var mount: ProviderMount?
        /// In place of `mount`: a directory to bind.
        public var path: String?

        public init(
            mount: ProviderMount? = nil, path: String? = nil
        ) {
            self.mount = mount
            self.path = path
        }
    }

    public init(
        mountId: String, volumeId: String, volumeState: JSONObject, readOnly: Bool
    ) {
        self.mountId = mountId
        self.volumeId = volumeId
        self.volumeState = volumeState
        self.readOnly = readOnly
    }
}
