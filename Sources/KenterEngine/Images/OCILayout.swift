import CLinux
import Glibc
package import JSONRPC
import KenterProtocol
import SHA2

/// The images' blobs on the disk: an OCI image layout (image-spec, image-layout.md) whose index is the engine's state.
///
/// Blobs are named by their digest and shared by all images. What is read is checked against that name.
package struct OCILayout: Sendable {
    /// The directory of the layout; the engine's own.
    package let path: String

    /// Opens the layout, making it if need be.
    package init(_ path: String) throws(RPCError) {
        self.path = path
        for directory in [path, "\(path)/blobs", "\(path)/blobs/sha256"] {
            guard mkdir(directory, 0o700) == 0 || errno == EEXIST else { throw .system("create", directory) }
        }
        for (name, text) in [
            ("oci-layout", #"{"imageLayoutVersion":"1.0.0"}"#), ("index.json", #"{"schemaVersion":2,"manifests":[]}"#),
        ] where access("\(path)/\(name)", F_OK) != 0 {
            try Self.write(Array(text.utf8), to: "\(path)/\(name)")
        }
    }

    /// The digest that names bytes.
    static func digest(of bytes: [UInt8]) -> String { "sha256:" + SHA256.hex(of: bytes) }

    /// Where blobs lie, the way skopeo's `--dest-shared-blob-dir` wants it.
    var blobDirectory: String { "\(path)/blobs" }

    /// The file of a blob, whether it is there or not. `digest` must be one.
    package func blobPath(_ digest: String) -> String {
        precondition(OCIDescriptor.isDigest(digest), "no digest")
        return "\(path)/blobs/sha256/\(digest.dropFirst(7))"
    }

    /// Whether a blob of that size is there; its content is checked when it is read.
    package func contains(_ descriptor: OCIDescriptor) -> Bool {
        var status = stat()
        return lstat(blobPath(descriptor.digest), &status) == 0 && status.st_size == descriptor.sizeBytes
    }

    /// Reads a small blob. Fails with `corruptState` when it is not what its name says.
    package func read(_ digest: String, limitBytes: Int) throws(RPCError) -> [UInt8] {
        let file = open(blobPath(digest), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { throw RPCError(.notFound, "the image store has no blob \(digest)") }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = clinux_read(file, &buffer, buffer.count)
            guard count >= 0 else { throw .system("read", blobPath(digest)) }
            if count == 0 { break }
            bytes += buffer[..<count]
            guard bytes.count <= limitBytes else {
                throw RPCError(.exhausted, "the blob \(digest) has more than \(limitBytes) bytes")
            }
        }
        guard Self.digest(of: bytes) == digest else {
            throw RPCError(.corruptState, "the blob \(digest) is damaged; remove the image and pull it again")
        }
        return bytes
    }

    /// Reads an image by the digest of its manifest.
    package func image(manifestDigest: String) throws(RPCError) -> OCIImage {
        let manifest = try OCIManifest(read(manifestDigest, limitBytes: OCIManifest.sizeBytesMaximum))
        guard case .image(let config, let layers) = manifest else {
            throw RPCError(.invalidParams, "\(manifestDigest) is an index of images, not one image")
        }
        let document = try scanImageDocument(
            read(config.digest, limitBytes: OCIManifest.sizeBytesMaximum), "the image's configuration")
        return try OCIImage(manifestDigest: manifestDigest, config: config, layers: layers, document: document)
    }

    /// Keeps a small blob and returns its descriptor.
    package func write(_ bytes: [UInt8], mediaType: String) throws(RPCError) -> OCIDescriptor {
        let digest = Self.digest(of: bytes)
        try Self.write(bytes, to: blobPath(digest))
        return OCIDescriptor(mediaType: mediaType, digest: digest, sizeBytes: Int64(bytes.count))
    }

    /// Removes a blob that turned out to be damaged, so that the next pull fetches it again.
    package func removeBlob(_ digest: String) throws(RPCError) {
        guard unlink(blobPath(digest)) == 0 || errno == ENOENT else { throw .system("remove", blobPath(digest)) }
    }

    /// Removes every blob that no image of `manifestDigests` needs, and returns how many bytes that freed.
    ///
    /// An image whose manifest cannot be read stops this: its layers would be lost. No blob may be on its way meanwhile;
    /// ``ImageStore`` sees to that.
    func collectGarbage(keeping manifestDigests: Set<String>) throws(RPCError) -> Int64 {
        var kept = Set<String>()
        for digest in manifestDigests {
            let image = try image(manifestDigest: digest)
            kept.formUnion([digest, image.id] + image.layers.map(\.descriptor.digest))
        }
        var freedBytes: Int64 = 0
        guard let names = SmallFile.readableNames(in: "\(path)/blobs/sha256") else {
            throw .system("open", "\(path)/blobs/sha256")
        }
        for name in names where !kept.contains("sha256:\(name)") {
            let file = "\(path)/blobs/sha256/\(name)"
            var status = stat()
            guard lstat(file, &status) == 0, unlink(file) == 0 else { throw .system("remove", file) }
            freedBytes += Int64(status.st_size)
        }
        return freedBytes
    }

    /// Makes everything written so far survive a loss of power.
    func synchronize() throws(RPCError) {
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw .system("open", path) }
        defer { close(directory) }
        guard clinux_sync_filesystem(directory) == 0 else { throw .system("write", path) }
    }

    private static func write(_ bytes: [UInt8], to path: String) throws(RPCError) {
        let temporaryPath = "\(path).\(String(UInt64.random(in: .min ... .max), radix: 36))"
        let file = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .system("create", temporaryPath) }
        defer { close(file) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { throw .system("write", temporaryPath) }
            rest = rest.dropFirst(count)
        }
        guard fsync(file) == 0, rename(temporaryPath, path) == 0 else { throw .system("write", path) }
    }
}
