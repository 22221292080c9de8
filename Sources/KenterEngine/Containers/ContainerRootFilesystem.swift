import JSONRPC
import KenterProtocol
import KenterState
import Logging

// A container's root filesystem: made by the provider that has its layers, mounted while it runs, and gone with it.
extension ContainerService {
    func mountRoot(_ container: ContainerRecord) async throws {
        let provider = try await plugins.provider(
            .storage, named: container.definition.storageProvider, needing: .rootfs)
        let prepared = try await prepareRoot(container, provider.name)
        let check = ProviderMountCheck(stateDirectory: provider.stateDirectory, provider: provider.name)
        let root = try check.rootfs(prepared.mount)
        let target = directories.rootfs(container.id)
        try makeDirectory(directories.container(container.id))
        Mount.remove(target)
        try makeDirectory(target)
        let binds = ContainerBinds(directories: directories, containerId: container.id)
        binds.remove()
        defer { binds.remove() }
        try makeDirectory(directories.binds(container.id))
        try await root.mount(at: target, stagePath: binds.rootStagePath)
    }

    /// A root filesystem outlives the container's runs, and failed starts: it goes with the container. Only what a first
    /// attempt may have left, and nobody has seen, is taken back at once.
    private func prepareRoot(_ container: ContainerRecord, _ provider: String) async throws
        -> ProviderRootfsPrepare.Result
    {
        do {
            let prepared = try await plugins.call(
                ProviderRootfsPrepare(containerId: container.id, layers: container.definition.layers), role: .storage,
                provider: provider)
            try update(container.id) { $0.rootfsState = prepared.state }
            return prepared
        } catch {
            if container.state.rootfsState == nil, container.state.startedAt == nil {
                await shielded { await self.removeRoot(container) }
            }
            throw error
        }
    }

    /// Removes what a container has written; a failure is logged.
    func removeRoot(_ container: ContainerRecord) async {
        do {
            let state = try store.read { try $0.container(id: container.id)?.state.rootfsState }
            let provider = try await plugins.provider(
                .storage, named: container.definition.storageProvider, needing: .rootfs)
            _ = try await plugins.call(
                ProviderRootfsRemove(containerId: container.id, state: state), role: .storage, provider: provider.name)
        } catch {
            log.error(
                "cannot remove a root filesystem", metadata: ["container": "\(container.id)", "error": "\(error)"])
        }
    }
}
