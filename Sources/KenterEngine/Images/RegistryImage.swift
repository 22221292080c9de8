/// What a registry has under a reference at this moment, and which part of it suits a platform.
package struct RegistryImage: Sendable {
    /// What was asked for.
    package let reference: ImageReference
    /// The digest of what the reference means in the registry, an index or one manifest: what people pin an image to.
    package let digest: String
    /// The platform that was asked for; `nil` means the host's.
    package let platform: ImagePlatform?
    /// What to copy, by digest.
    let source: ImageReference
    /// The compressed layers; empty where skopeo is left to choose among several images for the platform.
    package let layers: [OCIDescriptor]
}

/// How far a pull has come.
package struct TransferProgress: Sendable, Equatable {
    /// Compressed bytes that are here; never decreases.
    package var doneBytes: Int64
    /// `nil` where the registry's answer does not tell beforehand.
    package var totalBytes: Int64?
    package var doneLayers: Int
    package var totalLayers: Int?
}
