import JSONRPC
import KenterProtocol
import KenterState
import Logging

extension ContainerService {
    /// Starts containers that are linked in a circle: all of them join their networks before the links of any are
    /// readied, so that each finds the addresses of its sources. What fails for one is told for it alone.
    ///
    /// - Parameter onlyRestarting: Whether those are left out that were stopped, or started, before their turn came.
    func startCycle(_ ids: [String], onlyRestarting: Bool = false) async -> [String: Result<Void, any Error>] {
        let together = Set(ids)
        var results: [String: Result<Void, any Error>] = [:]
        var joined: [String: ContainerSpecification.Namespace] = [:]
        for id in ids {
            do {
                try await awaitSources(of: id, together: together)
            } catch {
                results[id] = .failure(error)
            }
        }
        // All of them at once: whoever came between a container's joining and its start would join anew.
        await gate.enter(all: ids) {
            if onlyRestarting { for id in ids where !isRestarting(id) { results[id] = .success(()) } }
            for id in ids where results[id] == nil {
                do {
                    joined[id] = try await joinAhead(id, together: together)
                } catch {
                    results[id] = .failure(error)
                }
            }
            for id in ids where results[id] == nil {
                do {
                    try await start(try reload(id), together: together, joined: joined[id])
                    results[id] = .success(())
                } catch {
                    results[id] = .failure(error)
                    await leave(id)
                }
            }
        }
        return results
    }

    /// Starts those of a circle that their restart policies want, and tries again those that fail.
    func startAgain(_ ids: [String]) async {
        let results = await startCycle(ids.filter(isRestarting), onlyRestarting: true)
        if Task.isCancelled { return }
        for case (let id, .failure(let error)) in results {
            log.warning("cannot start a container", metadata: ["container": "\(id)", "error": "\(error)"])
            await retry(id)
        }
    }

    /// The same after an end, which counts.
    func restart(circle ids: [String]) async {
        do {
            for id in ids { try update(id) { if $0.status == .restarting { $0.countRestart() } } }
            await startAgain(ids)
        } catch {
            log.error("cannot restart a circle of links", metadata: ["error": "\(error)"])
        }
    }

    /// The circle of links to which a container belongs, where all of it has ended and is to start again: its members
    /// can only come back together, since each needs another one to run. `nil` where there is none.
    func restartingCircle(of id: String) -> [String]? {
        do {
            return try store.read { transaction in
                var found = [id]
                var next = 0
                while next < found.count {
                    for link in try transaction.links(ofConsumer: found[next]) {
                        guard let source = try transaction.source(of: link), source.state.status == .restarting,
                            !found.contains(source.id)
                        else { continue }
                        found.append(source.id)
                    }
                    next += 1
                }
                let circle = try ContainerStartOrder(found, transaction).group(of: id)
                return circle.count > 1 ? circle : nil
            }
        } catch {
            log.error("cannot read the links", metadata: ["container": "\(id)", "error": "\(error)"])
            return nil
        }
    }

    private func isRestarting(_ id: String) -> Bool {
        do {
            return try store.read { try $0.container(id: id)?.state.status } == .restarting
        } catch {
            log.error("cannot read a container", metadata: ["container": "\(id)", "error": "\(error)"])
            return false
        }
    }

    /// Joins the network of a container that is about to start; `nil` for one that runs. The caller holds its gate.
    private func joinAhead(
        _ id: String, together: Set<String>
    ) async throws -> ContainerSpecification.Namespace? {
        try Task.checkCancellation()
        let container = try reload(id)
        guard [.created, .exited, .restarting].contains(container.state.status) else { return nil }
        try links.checkStartable(container, together: together)
        try update(id) { $0.isStarting = true }
        do {
            return try await joinNetwork(container)
        } catch {
            await tearDown(container)
            try update(id) { $0.isStarting = false }
            throw error
        }
    }

    /// Takes down what ``joinAhead(_:together:)`` made for a start that was refused before it began.
    private func leave(_ id: String) async {
        do {
            guard let container = try store.read({ try $0.container(id: id) }), container.state.isStarting else {
                return
            }
            await tearDown(container)
            try update(id) { $0.isStarting = false }
        } catch {
            log.error("cannot take back a start", metadata: ["container": "\(id)", "error": "\(error)"])
        }
    }
}
