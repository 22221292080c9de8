import JSONRPC
import KenterProtocol
import KenterState
import Logging

extension ImageService {
    /// Removes names, and images that have none left. Fails with the first that cannot be removed.
    func remove(_ params: ImageRemove) async throws -> ImageRemove.Result {
        guard !params.images.isEmpty else { throw RPCError(.invalidParams, "name at least one image") }
        var removed: [String] = []
        do {
            for name in params.images { removed += try remove(name, force: params.force ?? false) }
        } catch {
            await collect()
            throw error
        }
        await collect()
        journal.committed()
        return ImageRemove.Result(removed: removed)
    }

    func prune() async throws -> ImagePrune.Result {
        let removed = try store.write { transaction in
            var removed: [String] = []
            for image in try transaction.images() {
                guard try transaction.references(ofImage: image.id, digests: false).isEmpty,
                    try transaction.containerIDs(usingImage: image.id).isEmpty
                else { continue }
                removed += try Self.delete(image, transaction)
            }
            return removed
        }
        await collect()
        journal.committed()
        return ImagePrune.Result(removed: removed)
    }

    private func remove(_ name: String, force: Bool) throws -> [String] {
        try store.write { transaction in
            let image = try Self.find(name, transaction)
            let tags = try transaction.references(ofImage: image.id, digests: false)
            let reference = try? ImageReference(name)  // An id is no reference of this image.
            let named = reference.flatMap { tags.contains($0.description) ? $0 : nil }
            if let named, tags.count > 1 {
                try transaction.deleteReference(named.description)
                _ = try transaction.append(event: "image.untagged", id: image.id, name: named.familiar)
                return ["Untagged: \(named.familiar)"]
            }
            if named == nil, tags.count > 1, !force {
                throw RPCError(
                    .conflict,
                    "conflict: unable to delete \(Self.shortID(image)) (must be forced) - image is referenced in multiple "
                        + "repositories")
            }
            try Self.checkUnused(image, named?.familiar, force: force, transaction)
            if try !transaction.containerIDs(usingImage: image.id).isEmpty {
                // Forced while stopped containers use it: the names go, the image stays for them.
                try transaction.deleteReferences(ofImage: image.id)
                return try tags.map { "Untagged: \(try ImageReference($0).familiar)" }
            }
            return try Self.delete(image, transaction)
        }
    }

    private static func shortID(_ image: ImageRecord) -> String { String(image.id.dropFirst(7).prefix(12)) }

    private static func checkUnused(
        _ image: ImageRecord, _ name: String?, force: Bool, _ transaction: Transaction
    ) throws {
        for id in try transaction.containerIDs(usingImage: image.id) {
            guard let container = try transaction.container(id: id) else { continue }
            let what = name.map { "remove repository reference \"\($0)\"" } ?? "delete \(shortID(image))"
            if container.state.isRunning {
                throw RPCError(
                    .conflict,
                    "conflict: unable to \(what) (cannot be forced) - image is being used by running container "
                        + "\(container.shortID)")
            }
            guard force else {
                throw RPCError(
                    .conflict,
                    "conflict: unable to \(what) (must force) - container \(container.shortID) is using its referenced "
                        + "image \(shortID(image))")
            }
        }
    }

    private static func delete(_ image: ImageRecord, _ transaction: Transaction) throws -> [String] {
        var removed: [String] = []
        for digests in [false, true] {
            for reference in try transaction.references(ofImage: image.id, digests: digests) {
                removed.append("Untagged: \(try ImageReference(reference).familiar)")
            }
        }
        try transaction.deleteReferences(ofImage: image.id)
        try transaction.deleteImage(id: image.id)
        _ = try transaction.append(event: "image.removed", id: image.id, name: nil)
        return removed + ["Deleted: \(image.id)"]
    }

    /// Removes layers and blobs that no image needs any more, or leaves it to those who are bringing images just now; what
    /// fails is logged and tried again the next time.
    func collect() async {
        await shielded { await self.collectUnneeded() }
    }

    private func collectUnneeded() async {
        do {
            try await blobs.collectGarbage {
                let images = try store.read { try $0.images() }
                let needed = Set(images.flatMap(\.layers))
                for layer in try store.read({ try $0.layers() }) where !needed.contains(layer.digest) {
                    // Forgotten first: a layer that is known is there, and one left behind goes when the plugin starts.
                    try store.write { try $0.deleteLayer(digest: layer.digest) }
                    _ = try await plugins.call(
                        ProviderLayerRemove(digest: layer.digest), role: .storage, provider: layer.provider)
                }
                return Set(images.map(\.manifestDigest))
            }
        } catch {
            log.error("cannot remove unused layers", metadata: ["error": "\(error)"])
        }
    }
}
