import JSONRPC
import KenterProtocol
import KenterState
import Logging

// What happens to running consumers when something changes.
extension LinkService {
    /// A container has started (maybe with another address), stopped, been renamed or removed: brings the hosts files,
    /// link files and paths of every running consumer of it up to date, in one pass. Also for a started or renamed
    /// consumer itself.
    ///
    /// Carries on past failures, and logs them.
    func sourceChanged(_ id: String) async {
        do {
            // What a starting consumer was given is seldom out of date already.
            let isFresh = try starting.removeValue(forKey: id).map { try isCurrent($0) } ?? false
            guard try follow(id) else { return }
            try await update { transaction in
                let own = isFresh ? [] : try transaction.links(ofConsumer: id)
                guard let container = try transaction.container(id: id) else {
                    return try own + transaction.links(toSource: id)
                }
                return try own + transaction.links(to: container)
            }
        } catch {
            log.error("cannot update links", metadata: ["container": "\(id)", "error": "\(error)"])
        }
    }

    /// A network's provider has lost its rules, or the engine has started: opens every path again, and brings every
    /// running consumer up to date.
    func reopenPaths() async {
        do {
            paths.forget()
            try await update { try $0.links() }
        } catch {
            log.error("cannot open the paths of links again", metadata: ["error": "\(error)"])
        }
    }

    /// Removes a link, also while both ends run or the source is gone. The consumer's other links stay as they are.
    ///
    /// Fails with `notFound`, `pending` while its consumer starts, and with `io` or `degraded` when its line or its path
    /// could not be taken away: then the link is still there.
    func remove(consumer: String, alias: String) async throws {
        let (container, link) = try find(consumer, alias)
        guard starting[container.id] == nil else {
            throw RPCError(.pending, "container \(container.name) is starting: try again")
        }
        if let applied = link.applied {
            let change = HostsFile.Change(old: applied.hosts, new: [])
            let outcome = try HostsFileEditor.edit(directories.hosts(container.id)) { HostsFile.update($0, [change]) }
            if case .leftAlone(let reason) = outcome { logLeftAlone(container.name, reason) }
            try files(of: container.id).remove(alias: alias)
        }
        let problems = try await paths.settle([LinkPaths.Subject(link)], closing: [link.id])
        if let problem = problems.first { throw RPCError(.degraded, problem) }
        try store.write { transaction in
            try transaction.deleteLink(id: link.id)
            try Self.append("link.removed", link, consumer: container.name, transaction)
        }
        journal.committed()
    }

    // MARK: steps

    /// Lets links keep to a container that has another name, and lets those that wait for its name find it. Returns
    /// whether it is on a network: nothing of a link changes while one of its ends is not.
    private func follow(_ id: String) throws -> Bool {
        let (isAttached, isUpToDate) = try store.read { transaction in
            guard let container = try transaction.container(id: id) else { return (false, true) }
            let isUpToDate = try transaction.links(to: container)
                .allSatisfy { $0.sourceId == id && $0.sourceName == container.name }
            return (try transaction.attachment(ofContainer: id)?.isAttached ?? false, isUpToDate)
        }
        if isUpToDate { return isAttached }
        try store.write { transaction in
            guard let container = try transaction.container(id: id) else { return }
            for var link in try transaction.links(to: container) {
                link.sourceId = id
                link.sourceName = container.name
                try transaction.save(link)
            }
        }
        return isAttached
    }

    private func update(_ select: @Sendable (Transaction) throws -> [LinkRecord]) async throws {
        var subjects: Set<LinkPaths.Subject> = []
        var isDone = false
        for _ in 0..<Self.attempts where !isDone {
            let all = try store.read { transaction in
                var reader = LinkReader(transaction)
                return try reader.states(of: try select(transaction).filter { $0.applied != nil })
            }
            subjects.formUnion(all.map { LinkPaths.Subject($0.link) })
            // Nothing is planned for a source that is down: its lines stay as they are.
            let states = all.filter { $0.isSourceUp && starting[$0.consumer.id] == nil }
            let plans = await planner.plans(states)
            guard try isCurrent(states), states.allSatisfy({ starting[$0.consumer.id] == nil }) else { continue }
            try apply(Array(zip(states, plans)))
            isDone = true
        }
        if !isDone { log.error("containers change faster than their links can follow") }
        for problem in try await paths.settle(Array(subjects)) {
            log.error("a path is closed that should be open", metadata: ["error": "\(problem)"])
        }
    }

    /// Applies plans that are known to be up to date; no other call of this actor comes between.
    private func apply(_ planned: [(state: LinkState, plan: Result<LinkPlan, RPCError>)]) throws {
        var applied: [(state: LinkState, plan: LinkPlan)] = []
        for (state, plan) in planned {
            do throws(RPCError) {
                applied.append((state, try plan.get()))
            } catch {
                log.error(
                    "a link stays as it was",
                    metadata: ["link": "\(state.consumer.name)/\(state.link.alias)", "error": "\(error)"])
            }
        }
        for links in Dictionary(grouping: applied, by: \.state.consumer.id).values { write(links) }
        try remember(applied)
    }

    /// Writes the files of one consumer.
    private func write(_ links: [(state: LinkState, plan: LinkPlan)]) {
        guard let consumer = links.first?.state.consumer else { return }
        let changes = links.map { HostsFile.Change(old: $0.state.link.applied?.hosts ?? [], new: $0.plan.hosts) }
        do throws(RPCError) {
            let outcome = try HostsFileEditor.edit(directories.hosts(consumer.id)) { HostsFile.update($0, changes) }
            if case .leftAlone(let reason) = outcome { logLeftAlone(consumer.name, reason) }
            for (state, plan) in links { try files(of: consumer.id).set(plan.files, alias: state.link.alias) }
        } catch {
            log.error("cannot write files of links", metadata: ["container": "\(consumer.name)", "error": "\(error)"])
        }
    }

    /// Stores what is applied now. The environment of a running process never changes: what its next one would have
    /// otherwise is pending.
    private func remember(_ links: [(state: LinkState, plan: LinkPlan)]) throws {
        let changed = links.compactMap { state, plan -> LinkState? in
            guard var applied = state.link.applied else { return nil }
            let pending = Self.differences(applied.env, plan.env)
            let env = applied.env
            applied = plan
            applied.env = env
            if applied == state.link.applied && pending == state.link.pending { return nil }
            var state = state
            state.link.applied = applied
            state.link.pending = pending
            return state
        }
        if changed.isEmpty { return }
        try store.write { transaction in
            for state in changed {
                guard var present = try transaction.link(consumer: state.consumer.id, alias: state.link.alias),
                    present.id == state.link.id
                else { continue }
                present.applied = state.link.applied
                present.pending = state.link.pending
                try transaction.save(present)
                try Self.append("link.updated", present, consumer: state.consumer.name, transaction)
            }
        }
        journal.committed()
    }

    /// Names of variables that differ, those of the new list first.
    private static func differences(_ old: [LinkVariable], _ new: [LinkVariable]) -> [String] {
        func values(_ list: [LinkVariable]) -> [String: String] {
            Dictionary(list.map { ($0.name, $0.value) }) { first, _ in first }
        }
        let (before, after) = (values(old), values(new))
        return new.map(\.name).filter { before[$0] != after[$0] } + old.map(\.name).filter { after[$0] == nil }
    }

    private func logLeftAlone(_ container: String, _ reason: String) {
        log.warning("a hosts file was left alone", metadata: ["container": "\(container)", "reason": "\(reason)"])
    }
}
