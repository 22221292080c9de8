import ChildProcess
import JSONRPC
import KenterProtocol

/// The images of an archive that `docker save`, podman or skopeo made: which there are, and what they are called.
struct ImageArchive: Sendable {
    struct Entry: Sendable, Equatable {
        /// What follows the path in skopeo's name of the image.
        let selector: String
        let references: [ImageReference]
    }

    /// `docker-archive` or `oci-archive`.
    let transport: String
    let entries: [Entry]

    /// Reads the table of contents of an uncompressed archive. Fails with `invalidParams` when it is none of an image.
    init(_ file: ArchiveFile) async throws {
        // An archive may be of both kinds; then Docker's has the full names.
        if let manifest = try await Self.member("manifest.json", of: file) {
            transport = "docker-archive"
            entries = try Self.dockerEntries(manifest)
        } else if let index = try await Self.member("index.json", of: file) {
            transport = "oci-archive"
            entries = try Self.ociEntries(index)
        } else {
            throw RPCError(
                .invalidParams,
                "the file is no archive of images: it has neither manifest.json nor index.json "
                    + "(a root filesystem is taken by 'import')")
        }
    }

    /// Docker's manifest.json: an array with `RepoTags` for each image.
    static func dockerEntries(_ manifest: [UInt8]) throws(RPCError) -> [Entry] {
        let images: [JSONValue]
        do {
            images = try JSONScanner.scan(manifest).array ?? []
        } catch {
            throw RPCError(.invalidParams, "the archive's manifest.json is no sound JSON: \(error)")
        }
        guard !images.isEmpty, images.count <= 1000 else {
            throw RPCError(.invalidParams, "the archive's manifest.json lists \(images.count) images")
        }
        var entries: [Entry] = []
        for (index, image) in images.enumerated() {
            let tags = image.object?["RepoTags"]?.array?.compactMap(\.string) ?? []
            entries.append(
                Entry(
                    selector: ":@\(index)",
                    references: try tags.map { tag throws(RPCError) in try ImageReference(tag) }))
        }
        return entries
    }

    /// An OCI index: names are annotations.
    static func ociEntries(_ index: [UInt8]) throws(RPCError) -> [Entry] {
        guard case .index(let manifests) = try OCIManifest(index), !manifests.isEmpty else {
            throw RPCError(.invalidParams, "the archive's index.json lists no images")
        }
        if manifests.count == 1 {
            return [Entry(selector: "", references: try reference(of: manifests[0]).map { [$0] } ?? [])]
        }
        var entries: [Entry] = []
        for manifest in manifests {
            guard let name = manifest.annotations[refName] else {
                throw RPCError(.unsupported, "the archive holds \(manifests.count) images, some of them without a name")
            }
            entries.append(
                Entry(selector: ":\(name)", references: try reference(of: manifest).map { [$0] } ?? []))
        }
        return entries
    }

    private static let refName = "org.opencontainers.image.ref.name"

    /// containerd and BuildKit keep the whole name apart from the tag.
    private static func reference(of manifest: OCIDescriptor) throws(RPCError) -> ImageReference? {
        guard let name = manifest.annotations["io.containerd.image.name"] ?? manifest.annotations[refName] else {
            return nil
        }
        return try ImageReference(name)
    }

    /// A file of the archive, by tar(1), which skips what lies before it; `nil` when there is none.
    private static func member(_ name: String, of file: ArchiveFile) async throws -> [UInt8]? {
        guard let tar = ChildProcess.find("tar") else { throw RPCError(.unsupported, "tar is not installed") }
        let process = ChildProcess(
            tar, ["--extract", "--to-stdout", "--occurrence=1", "--file", "/proc/self/fd/3", "--", name, "./\(name)"],
            descriptors: [3: file.descriptor])
        let collected = try await process.collect(limitBytes: OCIManifest.sizeBytesMaximum)
        return collected.standardOutput.isEmpty ? nil : collected.standardOutput
    }
}
