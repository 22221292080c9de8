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
        await removeStrays(keeping: Set(containers.map(\.id)))
        for container in containers {
            do {
                try await gate.enter(container.id) { try await recover(container) }
            } catch {
                log.error(
                    "cannot recover a container", metadata: ["container": "\(container.id)", "error": "\(error)"])
            }
        }
        await startWanted()
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
        for id in SmallFile.names(in: "\(directories.run)/netns") where !ids.contains(id) {
            NetworkNamespace(path: directories.namespace(id)).remove()
        }
        for id in SmallFile.names(in: "\(directories.root)/containers") where !ids.contains(id) {
            Mount.remove(directories.rootfs(id))
            DirectoryRemoval.remove(directories.container(id))
        }
    }

    private func recover(_ container: ContainerRecord) async throws {
        if container.state.status == .removing {
            try await remove(container, force: true, anonymousVolumes: container.definition.config.autoRemove)
            return
        }
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
            watch(container.id)
        case .created:
            await tearDown(container)
            try update(container.id) { $0.status = .exited }
        case .exited(let exit):
            await finish(container.id, exit)
            try settle(container.id)
        case .gone:
            await tearDown(container)
            exitCodes.record(255, of: container.id)
            try update(container.id, event: "container.exited", attributes: ["exitCode": "255"]) { state in
                state.status = .exited
                state.exitCode = 255
                state.pid = nil
                state.finishedAt = .now
                state.reason = "it ended while no engine was running"
            }
            if container.definition.config.autoRemove {
                try await remove(try reload(container.id), force: true, anonymousVolumes: true)
            }
        }
    }

    /// What would be restarted now is started in link order with the others.
    private func settle(_ id: String) throws {
        guard try store.read({ try $0.container(id: id)?.state.status }) == .restarting else { return }
        try update(id) { $0.status = .exited }
    }

    /// Starts what restart policies want, sources before consumers, cycles together.
    private func startWanted() async {
        do {
            let (containers, links) = try store.read { (try $0.containers(), try $0.links()) }
            let wanted = containers.reversed().filter { container in
                !container.state.isRunning
                    && RestartDecision.atEngineStart(
                        policy: container.definition.restart, isWanted: container.state.isWanted,
                        hasFailed: container.state.exitCode != 0)
            }
            let pairs = links.compactMap { link in link.sourceId.map { (consumer: link.consumerId, source: $0) } }
            for group in StartOrder(wanted.map(\.id), links: pairs).groups {
                for id in group {
                    await gate.enter(id) {
                        do {
                            try await start(try reload(id), together: Set(group))
                        } catch {
                            log.warning(
                                "cannot start a container", metadata: ["container": "\(id)", "error": "\(error)"])
                        }
                    }
                }
            }
        } catch {
            log.error("cannot read the containers", metadata: ["error": "\(error)"])
        }
    }
}
