import KenterProtocol
import JSONRPC
import CLinux
import ChildProcess
import Glibc

/// Unpacks one blob into one directory, in a process of its own.
struct LayerExtraction: Sendable {
    var digest: Digest
    /// The file that holds the layer.
    var path: String
    var limits: LayerLimits

    /// The media types of layers; how a layer is compressed is seen from its first bytes.
    static func requireLayer(mediaType: String) throws(RPCError) {
        let isLayer =
            mediaType.hasPrefix("application/vnd.oci.image.layer.")
            || mediaType.hasPrefix("application/vnd.docker.image.rootfs.")
        guard isLayer, !mediaType.hasSuffix("+encrypted") else {
            throw RPCError(.unsupported, "'\(printable(mediaType.utf8))' is no kind of layer that can be unpacked")
        }
    }

    /// Fills `target`, an empty directory, and says what came out. On failure the caller removes it.
    func run(into target: String, lock: Int32) async throws(RPCError) -> LayerOutcome {
        let blob = try openBlob()
        defer { close(blob) }
        let process = ChildProcess(
            "/proc/self/exe", LayerUnpacking.arguments(directory: target, limits: limits),
            environment: [], descriptors: [3: blob, 4: lock])
        let collected: Collected
        do {
            collected = try await process.collect(limitBytes: 4096)
        } catch {
            throw RPCError(.io, "layer \(digest.text): \(error)")
        }
        guard collected.status == .exited(0) else { throw failure(of: collected) }
        let line = String(decoding: collected.standardOutput, as: UTF8.self).split(separator: "\n").first
        guard let outcome = LayerOutcome(line: String(line ?? "")) else {
            throw RPCError(.io, "layer \(digest.text): the unpacking process gave no answer")
        }
        guard outcome.digest == digest.text else {
            throw RPCError(
                .invalidParams, "the file \(path) is not the layer \(digest.text): its digest is \(outcome.digest)")
        }
        return outcome
    }

    private func openBlob() throws(RPCError) -> Int32 {
        let blob = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard blob >= 0 else {
            if errno == ENOENT { throw RPCError(.notFound, "there is no layer file \(path)") }
            throw .system("open", path)
        }
        var status = stat()
        guard fstat(blob, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(blob)
            throw RPCError(.invalidParams, "the layer \(path) is no regular file")
        }
        return blob
    }

    private func failure(of collected: Collected) -> RPCError {
        guard case .exited(1) = collected.status else {
            return RPCError(.io, "layer \(digest.text): the unpacking process ended with \(collected.status)")
        }
        let words = collected.message.split(separator: " ", maxSplits: 1).map(String.init)
        let kind: RPCError.Kind =
            switch words.first.flatMap(LayerRefusal.Reason.init(rawValue:)) {
            case .content: .invalidParams
            case .limit: .exhausted
            case .system, nil: .io
            }
        return RPCError(kind, "layer \(digest.text): \(words.last ?? "no reason given")")
    }
}
