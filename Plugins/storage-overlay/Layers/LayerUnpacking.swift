import CLinux
import Glibc

/// The private subcommand: this executable, started by itself to read one hostile layer in a ``LayerJail``.
///
/// The blob is descriptor 3 and the plugin's lock descriptor 4, so that the state directory stays locked while an orphan
/// still writes. The answer is one line on standard output; a refusal is one line on standard error.
enum LayerUnpacking {
    static let subcommand = "unpack-layer"

    /// The subcommand's arguments, as ``run(_:)`` takes them.
    static func arguments(directory: String, limits: LayerLimits) -> [String] {
        [subcommand, "\(getpid())", directory] + limits.arguments
    }

    /// Unpacks and returns the exit status.
    static func run(_ arguments: [String]) -> Int32 {
        guard arguments.count > 3, let parent = Int32(arguments[1]),
            let limits = LayerLimits(arguments: arguments[3...])
        else {
            writeLine("content the arguments are not the plugin's own", to: 2)
            return 2
        }
        // Names in extended headers are UTF-8, and must come out as the same bytes.
        setlocale(LC_CTYPE, "C.UTF-8")
        umask(0o022)
        do {
            try LayerJail.enter(arguments[2])
            let stream = try LayerStream(blob: 3, limits: limits, proceed: { getppid() == parent })
            let unpacked = try LayerWriter.write(stream, limits: limits)
            let digests = try stream.finish()
            try synchronize()
            let outcome = LayerOutcome(digest: digests.digest, diffID: digests.diffID, unpacked: unpacked)
            writeLine(outcome.line, to: 1)
            return 0
        } catch {
            writeLine("\(error.reason.rawValue) \(error.message)", to: 2)
            return 1
        }
    }

    /// A layer counts as applied only once it would survive a loss of power.
    private static func synchronize() throws(LayerRefusal) {
        let root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0 else { throw LayerRefusal(.system, "cannot open the layer: \(systemText())") }
        defer { close(root) }
        guard clinux_sync_filesystem(root) == 0 else {
            throw LayerRefusal(.system(errno), "cannot write the layer to disk: \(systemText())")
        }
    }
}

/// The answer of the unpacking process.
struct LayerOutcome: Equatable {
    /// The digest of the blob as it was read.
    var digest: String
    /// The digest of the uncompressed tar, as the image's configuration lists it.
    var diffID: String
    var unpacked: UnpackedLayer

    init(digest: String, diffID: String, unpacked: UnpackedLayer) {
        (self.digest, self.diffID, self.unpacked) = (digest, diffID, unpacked)
    }

    var line: String {
        "\(digest) \(diffID) \(unpacked.sizeBytes) \(unpacked.entries) \(unpacked.hidesLowerLayers)"
    }

    init?(line: String) {
        let fields = line.split(separator: " ").map(String.init)
        guard fields.count == 5, let sizeBytes = UInt64(fields[2]), let entries = UInt64(fields[3]),
            let hidesLowerLayers = Bool(fields[4])
        else { return nil }
        digest = fields[0]
        diffID = fields[1]
        unpacked = UnpackedLayer(sizeBytes: sizeBytes, entries: entries, hidesLowerLayers: hidesLowerLayers)
    }
}

private func writeLine(_ line: String, to descriptor: Int32) {
    var rest = Array("\(line)\n".utf8)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count <= 0 { return }
        rest = rest.dropFirst(count)
    }
}
