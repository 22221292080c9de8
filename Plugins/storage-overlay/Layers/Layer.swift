import KenterProtocol
import JSONRPC

/// An unpacked layer, as its record beside it says.
struct Layer: Equatable, Sendable {
    let digest: Digest
    /// The digest of the uncompressed layer.
    let diffID: String
    /// The bytes of all its files.
    let sizeBytes: Int64
    /// Whether nothing of the layers below it shows.
    let hidesLowerLayers: Bool

    /// Reads what the store knows of a layer; `nil` when it has not been applied.
    ///
    /// Fails with `conflict` when another digest has the same short name.
    init?(_ digest: Digest, in directory: StateDirectory) throws(RPCError) {
        guard directory.exists(.layers, digest.shortName),
            let record = StateDirectory.read(directory.path(.layers, "\(digest.shortName).json")),
            let text = record["digest"]?.string, let diffID = record["diffId"]?.string,
            let sizeBytes = record["sizeBytes"]?.integer
        else { return nil }
        guard text == digest.text else {
            throw RPCError(.conflict, "the layers \(text) and \(digest.text) have the same short name")
        }
        self.digest = digest
        self.diffID = diffID
        self.sizeBytes = sizeBytes
        hidesLowerLayers = record["hidesLowerLayers"]?.bool ?? false
    }

    init(_ digest: Digest, _ outcome: LayerOutcome) {
        self.digest = digest
        diffID = outcome.diffID
        sizeBytes = Int64(clamping: outcome.unpacked.sizeBytes)
        hidesLowerLayers = outcome.unpacked.hidesLowerLayers
    }

    var record: JSONObject {
        [
            "digest": .string(digest.text), "diffId": .string(diffID), "sizeBytes": .integer(sizeBytes),
            "hidesLowerLayers": .bool(hidesLowerLayers),
        ]
    }
}
