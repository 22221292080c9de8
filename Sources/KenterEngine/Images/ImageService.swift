import JSONRPC
import KenterProtocol
import KenterState
import Logging

/// Images: what they are called, which layers they stand on, and what uses them.
final class ImageService: Sendable {
    let store: StateStore
    let plugins: PluginHost
    let journal: EventJournal
    let log: Logger
    let blobs: ImageStore
    private let temporaryDirectory: String
    private let unpacking = KeyedGate()

    init(
        store: StateStore, plugins: PluginHost, journal: EventJournal, directories: EngineDirectories,
        configuration: EngineConfiguration, log: Logger
    ) throws {
        self.store = store
        self.plugins = plugins
        self.journal = journal
        self.log = log
        temporaryDirectory = directories.temporary
        // What an engine that died was working on.
        for name in SmallFile.names(in: directories.temporary) {
            DirectoryRemoval.remove("\(directories.temporary)/\(name)")
        }
        blobs = try ImageStore(
            layoutDirectory: directories.images, temporaryDirectory: directories.temporary,
            mirrors: try configuration.registryMirrors.map { (url) throws(RPCError) in try RegistryMirror(url) })
    }

    // MARK: finding

    /// The image of that reference, id or unambiguous id prefix; Docker's text when there is none.
    func find(_ name: String) throws -> ImageRecord {
        try store.read { try Self.find(name, $0) }
    }

    static func find(_ name: String, _ transaction: Transaction) throws -> ImageRecord {
        // An id may look like a name; names come first, as in Docker.
        let reference = try? ImageReference(name)  // Text that is no reference may still be an id.
        if let reference, let image = try transaction.image(reference: reference.description) { return image }
        let digits = name.hasPrefix("sha256:") ? String(name.dropFirst(7)) : name
        if !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) {
            let images = try transaction.images(idPrefix: digits)
            if images.count == 1 { return images[0] }
            if images.count > 1 {
                throw RPCError(.invalidParams, "\(name) matches several images: write more of the id")
            }
        }
        if reference == nil, !name.hasPrefix("sha256:") { _ = try Self.reference(name) }
        let shown = reference?.familiar ?? name
        throw RPCError(.notFound, "No such image: \(shown)", details: ["image": .string(shown)])
    }

    /// Docker's text, with what it is about.
    private static func reference(_ text: String) throws(RPCError) -> ImageReference {
        do {
            return try ImageReference(text)
        } catch {
            guard !error.message.contains(text) || text.isEmpty else { throw error }
            throw RPCError(error.kind, "\(error.message): '\(escapedForMessage(text))'")
        }
    }

    func list() throws -> [ImageSummary] {
        try store.read { transaction in try transaction.images().map { try Self.summary($0, transaction) } }
    }

    static func summary(_ image: ImageRecord, _ transaction: Transaction) throws -> ImageSummary {
        ImageSummary(
            id: image.id, references: try familiar(transaction.references(ofImage: image.id, digests: false)),
            digests: try familiar(transaction.references(ofImage: image.id, digests: true)),
            createdAt: image.createdAt.description, sizeBytes: image.sizeBytes)
    }

    private static func familiar(_ references: [String]) throws -> [String] {
        try references.map { try ImageReference($0).familiar }
    }

    func inspect(_ params: ImageInspect) throws -> ImageInspect.Result {
        try store.read { transaction in
            let image = try Self.find(params.image, transaction)
            let summary = try Self.summary(image, transaction)
            return ImageInspect.Result(
                id: image.id, references: summary.references, digests: summary.digests, createdAt: summary.createdAt,
                architecture: image.architecture, os: image.os, sizeBytes: image.sizeBytes, config: image.config,
                layers: image.layers)
        }
    }

    func tag(_ params: ImageTag) throws -> Empty {
        let reference = try Self.reference(params.reference)
        guard reference.digest == nil else {
            throw RPCError(.invalidParams, "refusing to create a tag with a digest reference")
        }
        try store.write { transaction in
            let image = try Self.find(params.image, transaction)
            try transaction.setReference(reference.description, image: image.id, isDigest: false)
            _ = try transaction.append(event: "image.tagged", id: image.id, name: reference.familiar)
        }
        journal.committed()
        return Empty()
    }

    // MARK: bringing

    func pull(_ params: ImagePull, _ progress: ProgressReporter) async throws -> ImagesChanged {
        guard !params.references.isEmpty else { throw RPCError(.invalidParams, "name at least one image") }
        let references = try params.references.map(Self.reference)
        let platform = try params.platform.map { (text) throws(RPCError) in try ImagePlatform(text) }
        var pulled: [ImageSummary] = []
        progress.begin("pulling \(references.map(\.familiar).joined(separator: ", "))")
        defer { progress.end() }
        for reference in references {
            pulled.append(try await pull(reference, platform, progress))
        }
        return ImagesChanged(images: pulled)
    }

    private func pull(
        _ reference: ImageReference, _ platform: ImagePlatform?, _ progress: ProgressReporter
    ) async throws -> ImageSummary {
        try await blobs.holdingBlobs(owed: collect) {
            let found = try await blobs.resolve(reference, platform: platform)
            let image = try await blobs.pull(found) { step in
                progress.report(
                    "\(reference.familiar): fetching", done: Int(step.doneBytes), total: step.totalBytes.map(Int.init),
                    unit: "bytes")
            }
            return try await record(
                image, references: reference.digest == nil ? [reference] : [],
                digest: reference.pinned(to: found.digest),
                event: "image.pulled", progress: progress)
        }
    }

    func load(_ params: ImageLoad, _ context: RequestContext) async throws -> ImagesChanged {
        context.progress.begin("loading an archive")
        defer { context.progress.end() }
        let file = try await archive(path: params.path, stream: params.stream, context)
        return try await blobs.holdingBlobs(owed: collect) {
            var loaded: [ImageSummary] = []
            for (image, references) in try await blobs.load(file) {
                loaded.append(
                    try await record(
                        image, references: references, digest: nil, event: "image.loaded", progress: context.progress))
            }
            return ImagesChanged(images: loaded)
        }
    }

    func importArchive(_ params: ImageImport, _ context: RequestContext) async throws -> ImagesChanged {
        let reference = try Self.reference(params.reference)
        guard reference.digest == nil else {
            throw RPCError(.invalidParams, "cannot import digest reference '\(params.reference)'")
        }
        _ = try ImportChanges.configuration(params.changes ?? [])
        context.progress.begin("importing \(reference.familiar)")
        defer { context.progress.end() }
        let file = try await archive(path: params.path, stream: params.stream, context)
        return try await blobs.holdingBlobs(owed: collect) {
            let image = try await blobs.importRootFilesystem(file, changes: params.changes ?? [])
            return ImagesChanged(images: [
                try await record(
                    image, references: [reference], digest: nil, event: "image.imported", progress: context.progress)
            ])
        }
    }

    /// The client's file: a stream, kept nameless on the disk, or a path that the engine opens as itself.
    private func archive(path: String?, stream: String?, _ context: RequestContext) async throws -> ArchiveFile {
        switch (path, stream) {
        case (let path?, nil): return try ArchiveFile(path: path)
        case (nil, let name?):
            return try await context.withStream(name) { stream in
                try await ArchiveFile.spool(in: temporaryDirectory) {
                    for await input in stream.input {
                        switch input {
                        case .bytes(let bytes):
                            stream.grant(bytes.count)
                            return bytes
                        case .end: return nil
                        case .resize: continue
                        }
                    }
                    throw RPCError(.invalidParams, "the stream ended before the file did")
                }
            }
        default: throw RPCError(.invalidParams, "say either a 'path' or a 'stream' for the archive")
        }
    }

    /// Unpacks the layers that are new and gives the image its names.
    private func record(
        _ image: OCIImage, references: [ImageReference], digest: ImageReference?, event: String,
        progress: ProgressReporter
    ) async throws -> ImageSummary {
        var sizeBytes: Int64 = 0
        let provider = try await storageProvider(ofLayers: image.layers.map(\.descriptor.digest))
        for (index, layer) in image.layers.enumerated() {
            progress.report("unpacking", done: index, total: image.layers.count, unit: "layers")
            sizeBytes += try await apply(layer, provider)
        }
        let record = ImageRecord(
            id: image.id, manifestDigest: image.manifestDigest, architecture: image.architecture, os: image.os,
            createdAt: image.createdAt ?? .now, config: image.config, layers: image.layers.map(\.descriptor.digest),
            sizeBytes: sizeBytes)
        let summary = try store.write { transaction in
            try transaction.save(record)
            for reference in references {
                try transaction.setReference(reference.description, image: image.id, isDigest: false)
            }
            if let digest { try transaction.setReference(digest.description, image: image.id, isDigest: true) }
            _ = try transaction.append(event: event, id: image.id, name: references.first?.familiar)
            return try Self.summary(record, transaction)
        }
        journal.committed()
        return summary
    }

    /// Whoever has the layers of an image, so that all of them lie in one place; the default one where nobody has any yet.
    func storageProvider(ofLayers digests: [String]) async throws -> String {
        let known = try store.read { transaction in
            try digests.lazy.compactMap { try transaction.layer(digest: $0)?.provider }.first
        }
        if let known { return known }
        return try await plugins.provider(.storage, needing: .rootfs).name
    }

    private func apply(_ layer: OCIImage.Layer, _ provider: String) async throws -> Int64 {
        let digest = layer.descriptor.digest
        // One at a time: what one attempt takes back is not what another has just made.
        let record = try await unpacking.enter(digest) {
            if let known = try store.read({ try $0.layer(digest: digest) }) {
                // A root filesystem is made of layers of one provider.
                guard known.provider == provider else { throw Self.apart(known, provider) }
                return known
            }
            return try await unpack(layer, provider)
        }
        // An image that lies about a layer is refused; the layer itself may be another image's.
        guard record.diffId == layer.diffID else {
            throw RPCError(
                .invalidParams,
                "the layer \(digest) does not hold what the image's configuration says (\(layer.diffID))")
        }
        return record.sizeBytes
    }

    private static func apart(_ layer: LayerRecord, _ provider: String) -> RPCError {
        RPCError(
            .conflict,
            "the layer \(layer.digest) is with the storage provider '\(layer.provider)', others of the same image are "
                + "with '\(provider)': remove the images that have it, or those that have the others, and try again")
    }

    private func unpack(_ layer: OCIImage.Layer, _ provider: String) async throws -> LayerRecord {
        let digest = layer.descriptor.digest
        do {
            let result = try await plugins.call(
                ProviderLayerApply(
                    digest: digest, path: blobs.layout.blobPath(digest), mediaType: layer.descriptor.mediaType),
                role: .storage, provider: provider, timeout: .seconds(3600))
            guard (0...(1 << 40)).contains(result.sizeBytes) else {
                throw RPCError(
                    .pluginProtocol,
                    "the plugin '\(provider)' says that the layer \(digest) has \(result.sizeBytes) bytes")
            }
            let record = LayerRecord(
                digest: digest, provider: provider, diffId: result.diffId, sizeBytes: result.sizeBytes)
            try store.write { try $0.save(record) }
            return record
        } catch {
            await shielded { await self.takeBack(digest, provider) }
            if let error = error as? RPCError, error.kind == .invalidParams, error.isPluginsAnswer {
                // A blob that is not what its name says must not pass for present the next time.
                try blobs.layout.removeBlob(digest)
            }
            throw error
        }
    }

    /// What a failed attempt may have left of a layer that nobody knows.
    private func takeBack(_ digest: String, _ provider: String) async {
        do {
            _ = try await plugins.call(ProviderLayerRemove(digest: digest), role: .storage, provider: provider)
        } catch {
            log.error("cannot take back a layer", metadata: ["digest": "\(digest)", "error": "\(error)"])
        }
    }
}
