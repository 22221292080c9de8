import JSONRPC
import KenterProtocol

/// What a manifest or index says of a blob: its kind, digest and size.
package struct OCIDescriptor: Hashable, Sendable {
    package let mediaType: String
    /// `sha256:` and 64 digits.
    package let digest: String
    package let sizeBytes: Int64
    /// In an index: what the image is for.
    package let platform: ImagePlatform?
    package let annotations: [String: String]

    package init(mediaType: String, digest: String, sizeBytes: Int64) {
        (self.mediaType, self.digest, self.sizeBytes) = (mediaType, digest, sizeBytes)
        platform = nil
        annotations = [:]
    }

    /// Fails with `invalidParams` for anything but a whole descriptor.
    init(_ json: JSONValue?) throws(RPCError) {
        guard let object = json?.object, let digest = object["digest"]?.string, OCIDescriptor.isDigest(digest),
            let size = object["size"]?.integer, (0...(1 << 40)).contains(size)
        else { throw RPCError(.invalidParams, "the image's manifest holds a descriptor without digest or size") }
        self.digest = digest
        sizeBytes = size
        mediaType = object["mediaType"]?.string ?? ""
        let platform = object["platform"]?.object
        if let os = platform?["os"]?.string, let architecture = platform?["architecture"]?.string {
            self.platform = ImagePlatform(
                os: os, architecture: architecture, variant: platform?["variant"]?.string)
        } else {
            self.platform = nil
        }
        let annotations = object["annotations"]?.object?.members ?? []
        self.annotations = Dictionary(
            annotations.compactMap { member in member.value.string.map { (member.name, $0) } }
        ) { first, _ in first }
    }

    /// Whether a text is a digest that may become a file name.
    package static func isDigest(_ text: String) -> Bool {
        text.hasPrefix("sha256:") && text.utf8.count == 71
            && text.utf8.dropFirst(7).allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
    }

    var json: JSONValue {
        ["mediaType": .string(mediaType), "digest": .string(digest), "size": .integer(sizeBytes)]
    }
}

/// A manifest (of one image) or an index (of one image for several platforms), OCI's or Docker's.
enum OCIManifest: Sendable {
    case image(config: OCIDescriptor, layers: [OCIDescriptor])
    case index([OCIDescriptor])

    static let mediaType = "application/vnd.oci.image.manifest.v1+json"
    static let configMediaType = "application/vnd.oci.image.config.v1+json"
    static let layerMediaType = "application/vnd.oci.image.layer.v1.tar"
    /// As in OCI's distribution specification: registries must not take larger ones.
    static let sizeBytesMaximum = 4 << 20
    /// More than one overlay mount can hold.
    static let layersMaximum = 127

    /// Fails with `invalidParams`, or `unsupported` for Docker's first schema.
    init(_ bytes: [UInt8]) throws(RPCError) {
        let object = try scanImageDocument(bytes, "the image's manifest")
        guard object["schemaVersion"]?.integer == 2 else {
            throw RPCError(
                .unsupported, "the image has a manifest of an obsolete schema; push it anew with a newer tool")
        }
        if let manifests = object["manifests"]?.array {
            self = .index(try manifests.map { json throws(RPCError) in try OCIDescriptor(json) })
            return
        }
        let layers = object["layers"]?.array ?? []
        guard layers.count <= Self.layersMaximum else {
            throw RPCError(.unsupported, "the image has \(layers.count) layers, more than \(Self.layersMaximum)")
        }
        self = .image(
            config: try OCIDescriptor(object["config"]),
            layers: try layers.map { json throws(RPCError) in try OCIDescriptor(json) })
    }
}

/// Reads a JSON object of an image, which anybody may have written.
func scanImageDocument(_ bytes: [UInt8], _ what: String) throws(RPCError) -> JSONObject {
    do {
        let limits = JSONLimits(tokens: 500_000, stringBytes: 1 << 20)
        if let object = try JSONScanner.scan(bytes, limits: limits).object { return object }
    } catch {
        throw RPCError(.invalidParams, "\(what) is no sound JSON: \(error)")
    }
    throw RPCError(.invalidParams, "\(what) is no JSON object")
}
