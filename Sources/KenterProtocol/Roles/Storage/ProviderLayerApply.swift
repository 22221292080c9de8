public import JSONRPC

/// Turns an image layer into something `rootfs.prepare` can use; idempotent by digest.
public struct ProviderLayerApply: RPCMethod {
    public static let name = "provider.layer.apply"

    /// `sha256:` and 64 digits, of the file as it is.
    public var digest: String
    /// A file that holds the layer.
    public var path: String
    /// OCI or Docker media type of the layer.
    public var mediaType: String

    public struct Result: Codable, Sendable {
        /// The digest of the uncompressed layer, `sha256:` and 64 digits: the engine compares it with what the image says.
        public var diffId: String
        public var state: JSONObject
        /// Unpacked.
        public var sizeBytes: Int64

        public init(
            diffId: String, state: JSONObject, sizeBytes: Int64
        ) {
            self.diffId = diffId
            self.state = state
            self.sizeBytes = sizeBytes
        }
    }

    public init(
        digest: String, path: String, mediaType: String
    ) {
        self.digest = digest
        self.path = path
        self.mediaType = mediaType
    }
}
