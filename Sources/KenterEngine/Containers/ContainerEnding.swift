import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import Logging
import KenterState

extension ContainerService {
    // MARK: watching

    /// Follows a running container to its end, and to its restarts.
    func watch(_ id: String) {
        watchers.start(id) { [self] in
            guard let exit = await runtime.exit(of: id) else { return }
            await gate.enter(id) {
                // Cancelled while it waited: whoever was inside has ended the container, and may have started it anew.
                guard !Task.isCancelled else { return }
                await finish(id, exit)
            }
            await restartIfDue(id)
        }
    }

    /// Records the end of a container and takes down what it had; the caller holds its gate.
    func finish(_ id: String, _ exit: ContainerExit) async {
        defer { tellEnded() }
        do {
            guard let container = try store.read({ try $0.container(id: id) }), container.state.isRunning else {
                return
            }
            // Before the file that says so is deleted: an engine that dies in between finds it here.
            try update(id) { $0.end(exit) }
            await tearDown(container)
            let decision = try reload(id).state.restartDecision(container.definition.restart)
            exitCodes.record(exit.code, of: id)
            try update(id, event: "container.exited", attributes: ["exitCode": "\(exit.code)"]) { state in
                state.status = decision == .stay ? .exited : .restarting
                state.pid = nil
                state.pidStartTime = nil
                if decision == .stay { state.isWanted = false }
            }
            await links.sourceChanged(id)
            if decision == .stay, container.definition.config.autoRemove {
                try await remove(try reload(id), force: false, anonymousVolumes: true)
            }
        } catch {
            log.error("cannot record the end of a container", metadata: ["container": "\(id)", "error": "\(error)"])
        }
    }

    /// Starts an exited container again as long as its policy says so.
    func restartIfDue(_ id: String) async {
        while !Task.isCancelled {
            guard let container = try? reload(id), container.state.status == .restarting else { return }  // Removed.
            let decision = container.state.restartDecision(container.definition.restart)
            guard case .restart(let pause) = decision else {
                await gate.enter(id) { await giveUpRestarting(id) }
                return
            }
            guard (try? await Task.sleep(for: pause)) != nil else { return }  // Cancelled: stopped, or the engine ends.
            if let circle = restartingCircle(of: id) { return await restart(circle: circle) }
            let areSourcesReady = await sourcesAreReady(for: id)
            if Task.isCancelled { return }
            let isDone = await gate.enter(id) { await restart(id, areSourcesReady: areSourcesReady) }
            if isDone { return }
        }
    }

    /// Its starts have failed as often as its policy allows.
    private func giveUpRestarting(_ id: String) async {
        do {
            try update(id) { state in
                guard state.status == .restarting else { return }
                state.status = .exited
                state.isWanted = false
            }
            tellEnded()
        } catch {
            log.error("cannot record the end of a container", metadata: ["container": "\(id)", "error": "\(error)"])
        }
    }

    private func sourcesAreReady(for id: String) async -> Bool {
        do {
            try await awaitSources(of: id, together: [])
            return true
        } catch {
            log.warning("cannot restart a container", metadata: ["container": "\(id)", "error": "\(error)"])
            return false
        }
    }

    /// True when nothing is left to do: it runs, or nobody wants it to.
    private func restart(_ id: String, areSourcesReady: Bool) async -> Bool {
        do {
            guard let container = try store.read({ try $0.container(id: id) }), container.state.status == .restarting
            else { return true }
            try update(id) { $0.countRestart() }
            guard areSourcesReady else { return false }
            try await start(try reload(id), together: [])
            return true
        } catch {
            log.warning("cannot restart a container", metadata: ["container": "\(id)", "error": "\(error)"])
            do {
                try update(id) { state in
                    state.status = .restarting
                    state.isWanted = true
                }
            } catch {
                log.error("cannot restart a container", metadata: ["container": "\(id)", "error": "\(error)"])
                return true
            }
            return false
        }
    }

    /// Takes down all that a running container had; every step is tried, whatever became of those before it.
    func tearDown(_ container: ContainerRecord) async {
        await shielded { await self.takeDown(container) }
    }

    private func takeDown(_ container: ContainerRecord) async {
        attachments.cancel(container.id)
        healthChecks.cancel(container.id)
        await copies.end(container.id)
        await links.withdrawNames(of: container.id)
        do {
            CrashPoint.reach("before the process is deleted")
            try await runtime.delete(container.id)
            CrashPoint.reach("after the process was deleted")
        } catch {
            log.error(
                "cannot delete a container's processes",
                metadata: ["container": "\(container.id)", "error": "\(error)"])
        }
        do {
            for attachment in try store.read({ try $0.attachments(ofContainer: container.id) }) {
                await networks.detach(attachment)
            }
            await links.dropRules(ofConsumer: container.id)
        } catch {
            log.error("cannot read attachments", metadata: ["container": "\(container.id)", "error": "\(error)"])
        }
        NetworkNamespace(path: directories.namespace(container.id)).remove()
        CrashPoint.reach("after the namespace was removed")
        await volumes.unmount(container)
        Mount.remove(directories.rootfs(container.id))
        await links.end(container.id)
    }

    // MARK: stop, kill, restart

    /// Sends the stop signal and, after the time-out, SIGKILL; the caller holds the gate.
    func stop(_ container: ContainerRecord, timeoutSeconds: Int?, signal: String?) async throws {
        let number = try Signal.number(signal ?? container.definition.config.stopSignal)
        if container.state.status == .restarting {
            watchers.cancel(container.id)
            try update(container.id, event: "container.stopped") { state in
                state.status = .exited
                state.isWanted = false
            }
            return tellEnded()
        }
        guard container.state.isRunning else {
            try update(container.id) { $0.isWanted = false }
            return
        }
        try update(container.id) { $0.isWanted = false }
        let seconds = min(timeoutSeconds ?? container.definition.config.stopTimeoutSeconds, 1 << 31)
        if container.state.status == .paused { try await runtime.resume(container.id) }
        let exit = try await end(container.id, signal: number, seconds: seconds)
        await finish(container.id, exit)
        if try store.read({ try $0.container(id: container.id) }) != nil {
            try update(container.id, event: "container.stopped") { _ in }
        }
    }

    private func end(_ id: String, signal: Int32, seconds: Int) async throws -> ContainerExit {
        try await signalIfRunning(id, signal)
        CrashPoint.reach("while it ends by itself")
        if let exit = await exit(of: id, within: seconds < 0 ? nil : .seconds(seconds)) { return exit }
        // A call that was cancelled asks for nothing any more, least of all for force.
        try Task.checkCancellation()
        CrashPoint.reach("before it is killed")
        try await signalIfRunning(id, SIGKILL)
        CrashPoint.reach("while it is killed")
        guard let exit = await exit(of: id, within: .seconds(30)) else {
            throw RPCError(.timeout, "container \(id.prefix(12)) does not end even after SIGKILL")
        }
        return exit
    }

    /// A container that has ended by itself meanwhile is as good as signalled: its exit code is there or about to be.
    private func signalIfRunning(_ id: String, _ signal: Int32) async throws {
        do throws(RuntimeError) {
            try await runtime.send(signal, to: id)
        } catch {
            if error.kind != .notRunning { throw error }
        }
    }

    private func exit(of id: String, within limit: Duration?) async -> ContainerExit? {
        guard let limit else { return await runtime.exit(of: id) }
        return await withTaskGroup(of: ContainerExit?.self) { group in
            group.addTask { await self.runtime.exit(of: id) }
            group.addTask {
                try? await Task.sleep(for: limit)  // Cancelled when the container was faster.
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    /// Sends a signal, also while another operation waits for the container's end. To one that does not run it goes in its
    /// turn: who came before may be starting it.
    func kill(_ found: ContainerRecord, _ places: KeyedGate.Places, signal: String?) async throws {
        let number = try Signal.number(signal ?? "KILL")
        var container = found
        if !container.state.isRunning, container.state.waitsFor == nil {
            container = try await places.enter(container.id) { try reload(container.id) }
        }
        if container.state.waitsFor != nil, !container.state.isRunning {
            // Its start waits for others: that wish is what is killed.
            return try update(container.id, event: "container.stopped") { $0.isWanted = false }
        }
        guard container.state.isRunning else {
            throw RPCError(.precondition, "Container \(container.id) is not running")
        }
        let stopSignal = try Signal.number(container.definition.config.stopSignal)
        let stops = number == SIGKILL || number == stopSignal
        if stops { try update(container.id) { $0.isWanted = false } }
        try await runtime.send(number, to: container.id)
        try note("container.killed", container, ["signal": "\(number)"])
        guard number == SIGKILL, let exit = await exit(of: container.id, within: .seconds(10)) else { return }
        try await places.enter(container.id) {
            // Whoever was inside may have started it anew: that run has not ended.
            let now = try store.read { try $0.container(id: container.id)?.state }
            guard now?.pid == container.state.pid, now?.pidStartTime == container.state.pidStartTime else { return }
            await finish(container.id, exit)
        }
    }

    /// Stops and starts once the sources of its links are ready: until then, and when they are not, it keeps running.
    func restartWhenReady(
        _ id: String, _ places: KeyedGate.Places, timeoutSeconds: Int?, signal: String?
    ) async throws {
        try await awaitSources(of: id, leaving: places)
        try await places.enter(id) {
            try await restart(try reload(id), timeoutSeconds: timeoutSeconds, signal: signal)
        }
    }

    private func restart(_ container: ContainerRecord, timeoutSeconds: Int?, signal: String?) async throws {
        try links.checkStartable(container, together: [])
        try await stop(container, timeoutSeconds: timeoutSeconds, signal: signal)
        guard let stopped = try store.read({ try $0.container(id: container.id) }) else { return }
        try await start(stopped, together: [])
        try note("container.restarted", container)
    }

    func pause(_ container: ContainerRecord) async throws {
        guard container.state.status == .running else {
            let state = container.state.status == .paused ? "is already paused" : "is not running"
            throw RPCError(.precondition, "Container \(container.id) \(state)")
        }
        try await runtime.pause(container.id)
        try update(container.id, event: "container.paused") { $0.status = .paused }
    }

    func resume(_ container: ContainerRecord) async throws {
        guard container.state.status == .paused else {
            throw RPCError(.precondition, "Container \(container.id) is not paused")
        }
        try await runtime.resume(container.id)
        try update(container.id, event: "container.resumed") { $0.status = .running }
    }

    func note(_ kind: String, _ container: ContainerRecord, _ attributes: [String: String] = [:]) throws {
        _ = try store.write { transaction in
            try transaction.append(event: kind, id: container.id, name: container.name, attributes: attributes)
        }
        journal.committed()
    }
}
