import FoundationEssentials
import CLinux
import Glibc
package import JSONRPC
package import KenterProtocol

/// Brings images into one shared layout of blobs: from registries, archives and root filesystems.
///
/// Knows nothing of names, containers and unpacked layers: what an image is called and what is in use is the engine's
/// state. Whoever adds an image does so, and records it, inside ``holdingBlobs(_:)``; else its blobs may be collected.
package struct ImageStore: Sendable {
    package let layout: OCILayout
    private let temporaryDirectory: String
    private let skopeo: Skopeo
    private let gate = BlobGate()

    /// `temporaryDirectory` must exist, on the same file system as the layout; the engine empties it when it starts.
    /// The signature policy and credentials are those in `home`; `nil` means that of the engine's user.
    package init(
        layoutDirectory: String, temporaryDirectory: String, mirrors: [RegistryMirror] = [], home: String? = nil
    ) throws(RPCError) {
        layout = try OCILayout(layoutDirectory)
        self.temporaryDirectory = temporaryDirectory
        skopeo = home.map { Skopeo(mirrors: mirrors, home: $0) } ?? Skopeo(mirrors: mirrors)
    }

    // MARK: registries

    /// Asks the registry what a reference means now. One or two requests, no layers.
    ///
    /// Fails with `notFound`, `permission`, `unavailable` and Docker's texts.
    package func resolve(
        _ reference: ImageReference, platform: ImagePlatform? = nil
    ) async throws -> RegistryImage {
        try await withWorkplace { workplace in
            let bytes = try await skopeo.manifest(of: reference, in: workplace)
            let digest = OCILayout.digest(of: bytes)
            if let wanted = reference.digest, wanted != digest {
                throw RPCError(.corruptState, "the registry \(reference.registry) answered \(wanted) with \(digest)")
            }
            switch try OCIManifest(bytes) {
            case .image(_, let layers):
                return RegistryImage(
                    reference: reference, digest: digest, platform: platform, source: reference.pinned(to: digest),
                    layers: layers)
            case .index(let entries):
                let suited = entries.filter { $0.platform?.suits(platform ?? .host) ?? false }
                guard suited.count == 1 else {
                    return RegistryImage(
                        reference: reference, digest: digest, platform: platform,
                        source: reference.pinned(to: digest), layers: [])
                }
                let source = reference.pinned(to: suited[0].digest)
                let manifest = try OCIManifest(try await skopeo.manifest(of: source, in: workplace))
                guard case .image(_, let layers) = manifest else {
                    throw RPCError(.unsupported, "\(reference.familiar) is an index of indexes")
                }
                return RegistryImage(
                    reference: reference, digest: digest, platform: platform, source: source, layers: layers)
            }
        }
    }

    /// Fetches the blobs that are missing. `report` is called about five times a second.
    package func pull(
        _ image: RegistryImage, report: @escaping @Sendable (TransferProgress) -> Void = { _ in }
    ) async throws -> OCIImage {
        try await withWorkplace { workplace in
            let watch = TransferWatch(image, layout: layout, workplace: workplace)
            let digest = try await withThrowingTaskGroup(of: String?.self) { group in
                group.addTask {
                    try await skopeo.copy(
                        .registry(image.source), platform: image.platform, into: layout, in: workplace)
                }
                group.addTask {
                    while !Task.isCancelled {
                        report(watch.progress())
                        try? await Task.sleep(for: .milliseconds(200))  // Cancelled means that the copy has ended.
                    }
                    return nil
                }
                defer { group.cancelAll() }
                return try await group.next() ?? nil
            }
            guard let digest else { throw CancellationError() }
            let pulled = try finished(digest)
            if let platform = image.platform {
                let own = ImagePlatform(os: pulled.os, architecture: pulled.architecture)
                guard own.suits(platform) else {
                    throw RPCError(
                        .notFound,
                        "image with reference \(image.reference.familiar) was found but its platform (\(own)) "
                            + "does not match the specified platform (\(platform))")
                }
            }
            report(watch.progress())
            return pulled
        }
    }

    // MARK: files

    /// Takes the images of an archive (docker-archive or oci-archive, plain or compressed), with their names.
    package func load(_ file: ArchiveFile) async throws -> [(image: OCIImage, references: [ImageReference])] {
        let plain = try await file.decompressed(in: temporaryDirectory)
        let archive = try await ImageArchive(plain)
        return try await withWorkplace { shelf in
            // skopeo wants to find the file again by its name, and our own has none.
            let path = plain.isNameless ? "../\(shelf.name)/archive" : "/proc/self/fd/3"
            if plain.isNameless { try plain.link(to: "\(shelf.directory)/archive") }
            var loaded: [(image: OCIImage, references: [ImageReference])] = []
            for entry in archive.entries {
                let source = Skopeo.Source.archive(
                    plain, path: path, transport: archive.transport, image: entry.selector)
                let digest = try await withWorkplace { workplace in
                    try await skopeo.copy(source, platform: nil, into: layout, in: workplace)
                }
                loaded.append((try finished(digest), entry.references))
            }
            return loaded
        }
    }

    /// Makes an image of one layer from the tar archive of a root filesystem, plain or compressed.
    ///
    /// `changes` are instructions like `ENV A=b`. The archive is read when the layer is applied; here only its beginning.
    package func importRootFilesystem(
        _ file: ArchiveFile, changes: [String], createdAt: Timestamp = .now
    ) async throws -> OCIImage {
        let config = try ImportChanges.configuration(changes)
        var layer = try await file.decompressed(in: temporaryDirectory)
        guard TarHeader.isValid(try layer.contents(limitBytes: 512)) else {
            throw RPCError(.invalidParams, "the file is no tar archive of a root filesystem")
        }
        if !layer.isNameless { layer = try await layer.copied(in: temporaryDirectory) }
        // Stored as it is, uncompressed: the digest of the blob is the layer's diffID, too.
        let digest = try await layer.digest()
        try layer.link(to: layout.blobPath(digest))
        let platform = ImagePlatform.host
        let time = JSONValue.string(createdAt.description)
        let document: JSONObject = [
            "created": time, "architecture": .string(platform.architecture), "os": .string(platform.os),
            "config": .object(config.ociConfig),
            "rootfs": ["type": "layers", "diff_ids": [.string(digest)]],
            "history": [["created": time, "comment": "imported"]],
        ]
        let configDescriptor = try layout.write(
            JSONValue.object(document).bytes, mediaType: OCIManifest.configMediaType)
        let descriptor = OCIDescriptor(
            mediaType: OCIManifest.layerMediaType, digest: digest, sizeBytes: layer.sizeBytes)
        let manifest: JSONObject = [
            "schemaVersion": 2, "mediaType": .string(OCIManifest.mediaType), "config": configDescriptor.json,
            "layers": [descriptor.json],
        ]
        return try finished(
            try layout.write(JSONValue.object(manifest).bytes, mediaType: OCIManifest.mediaType).digest)
    }

    // MARK: blobs

    /// Runs `body` while no blob is collected; `owed` afterwards, where somebody wanted to collect meanwhile.
    package func holdingBlobs<R>(owed: () async -> Void, _ body: () async throws -> R) async throws -> R {
        await gate.enter()
        let result: Result<R, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        if await gate.leave() { await owed() }
        return try result.get()
    }

    /// Removes the blobs of all images but those whose manifests `keeping` names; returns the bytes freed, `nil` when
    /// somebody holds blobs, who then owes a collection.
    @discardableResult
    package func collectGarbage(keeping manifestDigests: () async throws -> Set<String>) async throws -> Int64? {
        guard await gate.beginCollecting() else { return nil }
        let freed: Result<Int64, any Error>
        do {
            freed = .success(try layout.collectGarbage(keeping: try await manifestDigests()))
        } catch {
            freed = .failure(error)
        }
        await gate.endCollecting()
        return try freed.get()
    }

    /// The image, once all its blobs are known to be here and to stay.
    private func finished(_ manifestDigest: String) throws(RPCError) -> OCIImage {
        let image = try layout.image(manifestDigest: manifestDigest)
        if let missing = image.layers.first(where: { !layout.contains($0.descriptor) }) {
            throw RPCError(.corruptState, "the layer \(missing.descriptor.digest) is missing; try again")
        }
        try layout.synchronize()
        return image
    }

    private func withWorkplace<R>(_ body: (Skopeo.Workplace) async throws -> R) async throws -> R {
        let name = "images-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        let workplace = Skopeo.Workplace(name: name, directory: "\(temporaryDirectory)/\(name)")
        guard mkdir(workplace.directory, 0o700) == 0 else { throw RPCError.system("create", workplace.directory) }
        // What cannot be removed now goes when the engine starts next.
        defer { try? FileManager.default.removeItem(atPath: workplace.directory) }
        return try await body(workplace)
    }
}
