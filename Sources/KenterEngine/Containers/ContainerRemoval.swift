import ChildProcess
import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import Logging
import KenterState

extension ContainerService {
    /// Removes the container that a call names.
    func remove(_ params: ContainerRemove) async throws -> ContainerRemove.Result {
        let container = try find(params.container)
        let name = params.container.hasPrefix("/") ? String(params.container.dropFirst()) : params.container
        if name.contains("/") {
            throw RPCError(
                .invalidParams, "\(name) is a link; use --link to remove it, or name its source \(container.name)")
        }
        if params.force == true, container.state.isRunning {
            // Whoever is inside the gate may wait for just this end.
            try update(container.id) { $0.isWanted = false }
            try? await runtime.send(SIGKILL, to: container.id)  // It may have ended meanwhile.
        }
        // A copy from one that does not run is inside the gate; no other may get there before this.
        if params.force == true { copies.refuse(container.id) }
        defer { if params.force == true { copies.allow(container.id) } }
        if params.force == true { await copies.end(container.id) }
        try await gate.enter(container.id) {
            try await remove(
                try reload(container.id), force: params.force ?? false, anonymousVolumes: params.volumes ?? false)
        }
        return ContainerRemove.Result(id: container.id)
    }

    /// Removes a container; the caller holds its gate. Once begun it goes on past failures, and is taken up again at the
    /// next start of the engine.
    func remove(_ container: ContainerRecord, force: Bool, anonymousVolumes: Bool) async throws {
        if container.state.isRunning || container.state.status == .restarting {
            guard force else {
                throw RPCError(
                    .conflict,
                    "You cannot remove a \(container.state.status == .paused ? "paused" : "running") container "
                        + "\(container.id). Stop the container before attempting removal or force remove")
            }
            watchers.cancel(container.id)
            try update(container.id) { $0.isWanted = false }
        }
        // A removal that was begun before, with them, goes on with them.
        let anonymousVolumes = anonymousVolumes || container.state.removesVolumes == true
        try update(container.id) { state in
            state.status = .removing
            state.removesVolumes = anonymousVolumes
        }
        watchers.cancel(container.id)
        try await shielded { try await self.removeAll(of: container, anonymousVolumes: anonymousVolumes) }
    }

    private func removeAll(of container: ContainerRecord, anonymousVolumes: Bool) async throws {
        let wasRunning = container.state.isRunning
        await tearDown(container)
        if wasRunning { exitCodes.record(137, of: container.id) }
        await removeRoot(container)
        runtime.deleteLog(container.id)
        removeDirectory(container.id)
        let volumeIDs = container.definition.mounts.compactMap(\.volumeId)
        let (linkedSources, leaving) = try store.write { transaction in
            let own = try transaction.links(ofConsumer: container.id)
            let sources = own.compactMap(\.sourceId)
            try transaction.deleteContainer(id: container.id)
            try links.recordRemoval(of: own, consumer: container.name, transaction)
            _ = try transaction.append(event: "container.removed", id: container.id, name: container.name)
            return (
                sources, try VolumeService.beginRemoval(of: volumeIDs, anonymous: anonymousVolumes, transaction)
            )
        }
        journal.committed()
        conditions.changed(container.id)
        for source in linkedSources { conditions.changed(source) }
        await links.sourceChanged(container.id)
        for id in leaving { await volumes.finishRemoval(id) }
    }

    private func removeDirectory(_ id: String) {
        Mount.remove(directories.rootfs(id))
        DirectoryRemoval.remove(directories.container(id))
    }

    func prune() async throws -> ContainerPrune.Result {
        var removed: [String] = []
        for container in try store.read({ try $0.containers() })
        where [.created, .exited].contains(container.state.status) && !container.state.isStarting {
            do {
                try await gate.enter(container.id) {
                    guard let current = try store.read({ try $0.container(id: container.id) }),
                        [.created, .exited].contains(current.state.status)
                    else { return }
                    try await remove(current, force: false, anonymousVolumes: false)
                    removed.append(container.id)
                }
            } catch {
                log.error("cannot prune a container", metadata: ["container": "\(container.id)", "error": "\(error)"])
            }
        }
        return ContainerPrune.Result(removed: removed)
    }

    func rename(_ params: ContainerRename) async throws -> ContainerRename.Result {
        let container = try find(params.container)
        let name = try ContainerName.check(params.newName)
        if name == container.name {
            throw RPCError(.invalidParams, "Renaming a container with the same name as its current name")
        }
        try await gate.enter(container.id) {
            try store.write { transaction in
                if let other = try transaction.container(named: name), other.id != container.id {
                    throw RPCError(
                        .alreadyExists,
                        "Error when allocating new name: Conflict. The container name \"/\(name)\" is already in use by "
                            + "container \"\(other.id)\". You have to remove (or rename) that container to be able to "
                            + "reuse that name.")
                }
                try transaction.rename(container: container.id, to: name)
                _ = try transaction.append(
                    event: "container.renamed", id: container.id, name: name, attributes: ["oldName": container.name])
            }
            journal.committed()
            await links.sourceChanged(container.id)
        }
        return ContainerRename.Result(id: container.id)
    }
}
