import JSONRPC
import KenterPluginKit
import KenterProtocol
import Threads

/// The storage role on one host: layers, root file systems by overlay, volumes as directories.
struct StorageOverlay: StorageProvider {
    let warnings: [String]
    private let directory: StateDirectory
    private let layers: LayerStore
    private let rootFilesystems: RootFilesystems
    private let volumes: Volumes

    init(_ context: PluginContext) async throws {
        let limits = try LayerLimits(context.decodeConfig(Configuration.self))
        directory = try await StateDirectory.open(context.stateDirectory, within: .seconds(5))
        warnings = directory.removeRemains()
        layers = LayerStore(directory, limits: limits)
        rootFilesystems = RootFilesystems(directory)
        volumes = Volumes(directory)
    }

    // MARK: Layers

    func applyLayer(_ request: ProviderLayerApply) async throws -> ProviderLayerApply.Result {
        let layer = try await layers.apply(try Digest(request.digest), path: request.path, mediaType: request.mediaType)
        return .init(diffId: layer.diffID, state: [:], sizeBytes: layer.sizeBytes)
    }

    func removeLayer(_ request: ProviderLayerRemove) async throws -> Empty {
        let digest = try Digest(request.digest)
        if let container = rootFilesystems.container(using: digest) {
            throw RPCError(
                .precondition, "the layer \(digest.text) is used by container \(container); remove that first")
        }
        try await layers.remove(digest)
        return Empty()
    }

    // MARK: Root file systems

    func prepareRootfs(_ request: ProviderRootfsPrepare) async throws -> ProviderRootfsPrepare.Result {
        let digests = try request.layers.map { text throws(RPCError) in try Digest(text) }
        let mount = try await rootFilesystems.prepare(request.containerId, layers: digests)
        return .init(mount: .init(type: "overlay", source: mount.source, options: mount.options), state: [:])
    }

    func removeRootfs(_ request: ProviderRootfsRemove) async throws -> Empty {
        try await rootFilesystems.remove(request.containerId)
        return Empty()
    }

    func rootfsUsage(_ request: ProviderRootfsUsage) async throws -> ProviderRootfsUsage.Result {
        let usage = try await blocking { try rootFilesystems.usage(request.containerId) }
        return .init(sizeBytes: Int64(clamping: usage.sizeBytes), inodes: Int64(clamping: usage.inodes))
    }

    // MARK: Volumes

    func createVolume(_ request: ProviderVolumeCreate) async throws -> ProviderVolumeCreate.Result {
        if request.spec.capacityBytes != nil {
            throw RPCError(
                .unsupported, "this provider cannot limit the volume '\(request.volumeName)'; leave out capacityBytes")
        }
        if let parameter = request.spec.parameters?.keys.min() {
            throw RPCError(
                .unsupported,
                "this provider knows no parameter '\(parameter)' for the volume '\(request.volumeName)'; leave it out")
        }
        try await volumes.create(request.volumeId)
        return .init(state: [:])
    }

    func removeVolume(_ request: ProviderVolumeRemove) async throws -> Empty {
        try await volumes.remove(request.volumeId)
        return Empty()
    }

    func mountVolume(_ request: ProviderVolumeMount) async throws -> ProviderVolumeMount.Result {
        let source = try await volumes.mount(request.mountId, request.volumeId, readOnly: request.readOnly)
        let options = ["rbind", "nosuid", "nodev"] + (request.readOnly ? ["ro"] : [])
        return .init(mount: .init(type: "bind", source: source, options: options))
    }

    func unmountVolume(_ request: ProviderVolumeUnmount) async throws -> Empty {
        try await volumes.unmount(request.mountId)
        return Empty()
    }

    func inspectVolume(_ request: ProviderVolumeInspect) async throws -> ProviderVolumeInspect.Result {
        let usage = try await blocking { try volumes.usage(request.volumeId) }
        return .init(usedBytes: Int64(clamping: usage.sizeBytes), health: .init(ok: true))
    }

    // MARK: Reconciliation

    /// Containers first, since they stand on layers; a volume is never removed.
    func reconcile(_ request: ProviderReconcile) async throws -> ProviderReconcile.Result {
        let dryRun = request.dryRun ?? false
        var result = ProviderReconcile.Result()
        func clean(_ ids: [String], except kept: [String], _ remove: (String) async throws -> Void) async {
            let kept = Set(kept)
            for id in ids where !kept.contains(id) {
                do {
                    if !dryRun { try await remove(id) }
                    result.removed.append(id)
                } catch {
                    result.errors.append(.init(id: id, message: "\(error)"))
                }
            }
        }
        result.missing =
            Set(request.containerIds).subtracting(rootFilesystems.containerIDs()).sorted()
            + Set(request.layerDigests).subtracting(layers.digests()).sorted()
            + Set(request.volumeIds).subtracting(volumes.volumeIDs()).sorted()
            + Set(request.mountIds).subtracting(volumes.mountIDs()).sorted()
        await clean(rootFilesystems.containerIDs(), except: request.containerIds) {
            try await rootFilesystems.remove($0)
        }
        await clean(volumes.mountIDs(), except: request.mountIds) { try await volumes.unmount($0) }
        await clean(layers.digests(), except: request.layerDigests) {
            _ = try await removeLayer(ProviderLayerRemove(digest: $0))
        }
        if !dryRun { result.errors += await layers.removeRemains().map { .init(id: "layers", message: "\($0)") } }
        return result
    }

    /// Walks a tree off the concurrency pool.
    private func blocking<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await DetachedThread.run { Result(catching: body) }.get()
    }
}
