import KenterProtocol
import KenterState
import Logging

extension ContainerService {
    /// Marks what restart policies want, before anybody can ask: from then on it is seen as about to start.
    func markWanted() throws -> [ContainerRecord] {
        let wanted = try store.read { try $0.containers() }.reversed().filter { container in
            // One that was never started by anybody does not begin by itself.
            !container.state.isRunning && (container.state.startedAt != nil || container.state.isWanted)
                && RestartDecision.atEngineStart(
                    policy: container.definition.restart, isWanted: container.state.isWanted,
                    hasFailed: container.state.exitCode != 0)
        }
        for container in wanted {
            try update(container.id) { state in
                state.status = .restarting
                state.isWanted = true
                (state.restartCount, state.hastyRestarts) = (0, nil)
            }
        }
        return Array(wanted)
    }

    /// Starts what restart policies want, in a task of its own: sources before consumers, cycles together, each as soon
    /// as its own sources have been started, whatever becomes of the others.
    func startWanted(_ wanted: [ContainerRecord]) {
        if wanted.isEmpty { return }
        watchers.start("engine start") { [self] in
            do {
                let pairs = try store.read { transaction in
                    try transaction.links().compactMap { link in
                        try transaction.source(of: link).map { (consumer: link.consumerId, source: $0.id) }
                    }
                }
                await start(StartSchedule(wanted.map(\.id), links: pairs))
            } catch {
                log.error("cannot read the links", metadata: ["error": "\(error)"])
            }
        }
    }

    private func start(_ schedule: StartSchedule) async {
        var schedule = schedule
        await withTaskGroup(of: Int.self) { group in
            func add(_ numbers: [Int]) {
                for number in numbers {
                    let members = schedule.members(of: number)
                    group.addTask {
                        await self.startWanted(together: members, lane: number % Self.lanes)
                        return number
                    }
                }
            }
            add(schedule.first)
            for await number in group { add(schedule.finished(number)) }
        }
    }

    /// So many start at the same time; those that wait for their sources do not count.
    private static let lanes = 4

    private func startWanted(together ids: [String], lane: Int) async {
        if ids.count > 1 { return await startAgain(ids) }
        guard let id = ids.first else { return }
        do {
            try await startAlone(id, lane)
        } catch {
            if Task.isCancelled { return }
            log.warning("cannot start a container", metadata: ["container": "\(id)", "error": "\(error)"])
            await retry(id)
        }
    }

    private func startAlone(_ id: String, _ lane: Int) async throws {
        // It was stopped, started by hand, or removed since it was marked.
        guard try store.read({ try $0.container(id: id)?.state.status }) == .restarting else { return }
        try await awaitSources(of: id)
        try await gate.enter("engine start, lane \(lane)") {
            try await gate.enter(id) {
                try Task.checkCancellation()
                let container = try reload(id)
                if container.state.status == .restarting { try await start(container) }
            }
        }
    }

    /// A failed start is tried again as the policy says, as after any other end.
    func retry(_ id: String) async {
        await gate.enter(id) {
            do {
                guard let state = try store.read({ try $0.container(id: id)?.state }), !state.isRunning,
                    state.isWanted, state.status != .removing
                else { return }
                try update(id) { state in
                    state.status = .restarting
                    state.isWanted = true
                }
                watchers.start(id) { [self] in await restartIfDue(id) }
            } catch {
                log.error("cannot read a container", metadata: ["container": "\(id)", "error": "\(error)"])
            }
        }
    }
}
