package import KenterProtocol

/// An image as the engine remembers it.
package struct ImageRecord: Codable, Sendable {
    /// `sha256:…` of its configuration.
    package let id: String
    package var manifestDigest: String
    package var architecture: String
    package var os: String
    package var createdAt: Timestamp
    package var config: ImageConfiguration
    /// Digests of the layers as stored, lowest first.
    package var layers: [String]
    package var sizeBytes: Int64

    package init(
        id: String, manifestDigest: String, architecture: String, os: String, createdAt: Timestamp,
        config: ImageConfiguration, layers: [String], sizeBytes: Int64
    ) {
        self.id = id
        self.manifestDigest = manifestDigest
        self.architecture = architecture
        self.os = os
        self.createdAt = createdAt
        self.config = config
        self.layers = layers
        self.sizeBytes = sizeBytes
    }
}

/// An unpacked layer.
package struct LayerRecord: Codable, Sendable {
    package let digest: String
    package var provider: String
    package var diffId: String
    package var sizeBytes: Int64

    package init(digest: String, provider: String, diffId: String, sizeBytes: Int64) {
        self.digest = digest
        self.provider = provider
        self.diffId = diffId
        self.sizeBytes = sizeBytes
    }
}
