import JSONRPC
import KenterProtocol
import Logging
import KenterState

extension ContainerService {
    /// Brings state and reality together when the engine starts: finishes or undoes what was under way, finds running
    /// containers again, and removes what belongs to none.
    func recover() async {
        let containers: [ContainerRecord]
        do {
            containers = try store.read { try $0.containers() }
        } catch {
            log.error("cannot read the containers", metadata: ["error": "\(error)"])
            return
        }
        await runtime.endLeftovers(
            exceptOf: Set(containers.filter { $0.state.isRunning && !$0.state.isStarting }.map(\.id)))
        await removeStrays(keeping: Set(containers.map(\.id)))
        for container in containers {
            do {
                try await gate.enter(container.id) { try await recover(container) }
            } catch {
                log.error(
                    "cannot recover a container", metadata: ["container": "\(container.id)", "error": "\(error)"])
            }
        }
        await links.recover()
        do {
            startWanted(try markWanted())
        } catch {
            log.error("cannot start what restart policies want", metadata: ["error": "\(error)"])
        }
    }

    private func removeStrays(keeping ids: Set<String>) async {
        for id in runtime.identifiers() where !ids.contains(id) {
            do {
                try await runtime.delete(id)
            } catch {
                log.error("cannot delete a stray container", metadata: ["container": "\(id)", "error": "\(error)"])
            }
            runtime.deleteLog(id)
        }
        for id in SmallFile.names(in: "\(directories.run)/binds") {
            ContainerBinds(directories: directories, containerId: id).remove()
        }
        for id in SmallFile.names(in: "\(directories.run)/netns") where !ids.contains(id) {
            NetworkNamespace(path: directories.namespace(id)).remove()
        }
        for id in SmallFile.names(in: "\(directories.root)/containers") where !ids.contains(id) {
            Mount.remove(directories.rootfs(id))
            DirectoryRemoval.remove(directories.container(id))
        }
    }

    private func recover(_ container: ContainerRecord) async throws {
        if container.state.isProvisional == true {
            // Nobody was told of it.
            return try await remove(container, force: true, anonymousVolumes: true)
        }
        if container.state.status == .removing {
            return try await remove(container, force: true, anonymousVolumes: container.definition.config.autoRemove)
        }
        if container.state.isOpened == true { await closeFiles(of: container) }
        if container.state.waitsFor != nil { try update(container.id) { $0.waitsFor = nil } }
        if container.state.isStarting {
            await tearDown(container)
            try update(container.id) { state in
                state.isStarting = false
                state.reason = "the engine ended while it was being started"
                if state.status != .created { state.status = .exited }
            }
            return
        }
        guard container.state.isRunning else {
            if container.state.status == .restarting { try update(container.id) { $0.status = .exited } }
            return
        }
        switch runtime.inspect(container.id) {
        case .running, .paused:
            if container.state.isUpdating == true { await restoreLimits(of: container) }
            watch(container.id)
            watchHealth(container.id)
            try await settleNetworks(of: container)
        case .created:
            await tearDown(container)
            try update(container.id) { $0.status = .exited }
        case .exited(let exit):
            await finish(container.id, exit)
            try settle(container.id)
        case .gone:
            // What was known of its end before the engine died; the host was restarted where nothing is.
            let state = container.state
            await finish(
                container.id,
                ContainerExit(
                    code: state.exitCode ?? 255, finishedAt: state.finishedAt ?? .now, ranOutOfMemory: state.oomKilled))
            try update(container.id) { $0.reason = "it ended while no engine was running" }
            try settle(container.id)
        }
    }

    /// What would be restarted now is started in link order with the others.
    private func settle(_ id: String) throws {
        guard try store.read({ try $0.container(id: id)?.state.status }) == .restarting else { return }
        try update(id) { $0.status = .exited }
    }
}
