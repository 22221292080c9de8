public import KenterProtocol

/// Plays the role `storage`: with the capability `rootfs` it turns image layers into root filesystems, with `volumes`
/// it keeps volumes. A method of a capability that it does not declare needs no implementation.
///
/// The engine mints every id, makes the mounts and counts who uses them. The same id and specification again give the
/// same result, the same id with another specification fails with `conflict`; taking away what is unknown succeeds.
public protocol StorageProvider: PluginProvider {
    /// `rootfs`: unpacks a layer, once for each digest, and never outside its directory.
    func applyLayer(_ request: ProviderLayerApply) async throws -> ProviderLayerApply.Result
    /// `rootfs`: removes a layer.
    func removeLayer(_ request: ProviderLayerRemove) async throws -> ProviderLayerRemove.Result
    /// `rootfs`: says which mount shows these layers with a writable one on top.
    func prepareRootfs(_ request: ProviderRootfsPrepare) async throws -> ProviderRootfsPrepare.Result
    /// `rootfs`: removes the writable layer.
    func removeRootfs(_ request: ProviderRootfsRemove) async throws -> ProviderRootfsRemove.Result
    /// `rootfs`: what the writable layer takes. No side effects.
    func rootfsUsage(_ request: ProviderRootfsUsage) async throws -> ProviderRootfsUsage.Result
    /// `volumes`: makes a volume; answers once it is durable.
    func createVolume(_ request: ProviderVolumeCreate) async throws -> ProviderVolumeCreate.Result
    /// `volumes`: removes a volume and its contents; a mounted one fails with `precondition`.
    func removeVolume(_ request: ProviderVolumeRemove) async throws -> ProviderVolumeRemove.Result
    /// `volumes`: makes a volume ready for use, and says which mount shows it.
    func mountVolume(_ request: ProviderVolumeMount) async throws -> ProviderVolumeMount.Result
    /// `volumes`: undoes `mountVolume`.
    func unmountVolume(_ request: ProviderVolumeUnmount) async throws -> ProviderVolumeUnmount.Result
    /// `volumes`: use and health. No side effects.
    func inspectVolume(_ request: ProviderVolumeInspect) async throws -> ProviderVolumeInspect.Result
}

extension StorageProvider {
    public func applyLayer(_ request: ProviderLayerApply) async throws -> ProviderLayerApply.Result {
        throw notOffered(request)
    }
    public func removeLayer(_ request: ProviderLayerRemove) async throws -> ProviderLayerRemove.Result {
        throw notOffered(request)
    }
    public func prepareRootfs(_ request: ProviderRootfsPrepare) async throws -> ProviderRootfsPrepare.Result {
        throw notOffered(request)
    }
    public func removeRootfs(_ request: ProviderRootfsRemove) async throws -> ProviderRootfsRemove.Result {
        throw notOffered(request)
    }
    public func rootfsUsage(_ request: ProviderRootfsUsage) async throws -> ProviderRootfsUsage.Result {
        throw notOffered(request)
    }
    public func createVolume(_ request: ProviderVolumeCreate) async throws -> ProviderVolumeCreate.Result {
        throw notOffered(request)
    }
    public func removeVolume(_ request: ProviderVolumeRemove) async throws -> ProviderVolumeRemove.Result {
        throw notOffered(request)
    }
    public func mountVolume(_ request: ProviderVolumeMount) async throws -> ProviderVolumeMount.Result {
        throw notOffered(request)
    }
    public func unmountVolume(_ request: ProviderVolumeUnmount) async throws -> ProviderVolumeUnmount.Result {
        throw notOffered(request)
    }
    public func inspectVolume(_ request: ProviderVolumeInspect) async throws -> ProviderVolumeInspect.Result {
        throw notOffered(request)
    }

    func answer(_ call: ProviderCall) async throws -> ProviderCall.Answer? {
        switch call.method {
        case ProviderLayerApply.name: try await call.answer(with: applyLayer)
        case ProviderLayerRemove.name: try await call.answer(with: removeLayer)
        case ProviderRootfsPrepare.name: try await call.answer(with: prepareRootfs)
        case ProviderRootfsRemove.name: try await call.answer(with: removeRootfs)
        case ProviderRootfsUsage.name: try await call.answer(with: rootfsUsage)
        case ProviderVolumeCreate.name: try await call.answer(with: createVolume)
        case ProviderVolumeRemove.name: try await call.answer(with: removeVolume)
        case ProviderVolumeMount.name: try await call.answer(with: mountVolume)
        case ProviderVolumeUnmount.name: try await call.answer(with: unmountVolume)
        case ProviderVolumeInspect.name: try await call.answer(with: inspectVolume)
        default: nil
        }
    }
}
