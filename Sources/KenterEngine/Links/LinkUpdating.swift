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
        tellNames(of: id)
        do {
            // What a starting consumer was given is seldom out of date already.
            let isFresh = try starting.removeValue(forKey: id).map { try isCurrent($0) } ?? false
            guard try follow(id) else { return }
            try await update { transaction in
                let own = isFresh ? [] : try transaction.links(ofConsumer: id)
                guard let container = try transaction.container(id: id) else {
                    return try own + transaction.links(toSource: id)
                }
                return try own + (transaction.networkOwner(of: container).map(transaction.links) ?? [])
            }
        } catch {
            log.error("cannot update links", metadata: ["container": "\(id)", "error": "\(error)"])
        }
    }

    /// A network's provider has lost its rules: opens every path again, and brings every running consumer up to date.
    func reopenPaths() async {
        paths.forget()
        await updateAll()
    }

    /// A link provider has started anew: what changed while it was away is made good.
    func updateAll() async {
        do {
            try await update { try $0.links() }
        } catch {
            log.error("cannot update the links", metadata: ["error": "\(error)"])
        }
    }

    /// The engine has started, and knows which containers run: makes links whole whose removal was under way. Opens every
    /// path again and brings every running consumer up to date, for which it does not wait.
    func recover() {
        do {
            let halved = try store.read { transaction in
                let running = Set(try transaction.containers().filter(\.state.isRunning).map(\.id))
                return try transaction.links().filter { $0.applied == nil && running.contains($0.consumerId) }
            }
            for link in halved { try setApplied(LinkPlan(), of: link) }
        } catch {
            log.error("cannot recover the links", metadata: ["error": "\(error)"])
        }
        // Unstructured because the engine's doors open meanwhile; providers may take their time.
        Task { await updateAll() }
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
            // From here on nobody writes for it.
            try setApplied(nil, of: link)
            do {
                try await takeAway(applied, link, container)
            } catch {
                try setApplied(LinkPlan(env: applied.env), of: link)
                await sourceChanged(container.id)
                throw error
            }
        }
        try delete(link, of: container)
    }

    func delete(_ link: LinkRecord, of consumer: ContainerRecord) throws {
        try store.write { transaction in
            try transaction.deleteLink(id: link.id)
            try Self.append("link.removed", link, consumer: consumer.name, transaction)
        }
        journal.committed()
    }

    private func takeAway(_ applied: LinkPlan, _ link: LinkRecord, _ container: ContainerRecord) async throws {
        await revoke(link)
        let problems = try await paths.settle([LinkPaths.Subject(link)], closing: [link.id])
        if let problem = problems.first { throw RPCError(.degraded, problem) }
        try takeFilesAway(applied.hosts, link, container)
    }

    func takeFilesAway(_ hosts: [LinkHostsEntry], _ link: LinkRecord, _ consumer: ContainerRecord) throws(RPCError) {
        let change = HostsFile.Change(old: hosts, new: [])
        let outcome = try HostsFileEditor.edit(directories.hosts(consumer.id)) { HostsFile.update($0, [change]) }
        if case .leftAlone(let reason) = outcome { logLeftAlone(consumer.name, reason) }
        try files(of: consumer.id).remove(alias: link.alias)
    }

    private func setApplied(_ applied: LinkPlan?, of link: LinkRecord) throws {
        try store.write { transaction in
            guard var present = try transaction.link(consumer: link.consumerId, alias: link.alias),
                present.id == link.id
            else { return }
            present.applied = applied
            try transaction.save(present)
        }
    }

    // MARK: steps

    /// Lets links keep to a container that has another name, and lets those that wait for its name find it. Returns
    /// whether it is on a network: nothing of a link changes while one of its ends is not.
    private func follow(_ id: String) throws -> Bool {
        let (isAttached, isUpToDate) = try store.read { transaction in
            guard let (container, source) = try Self.ends(id, transaction) else { return (false, true) }
            let isUpToDate = try transaction.outdatedLinks(byWayOf: container, to: source).isEmpty
            return (try transaction.attachments(ofContainer: source.id).contains(where: \.isAttached), isUpToDate)
        }
        if isUpToDate { return isAttached }
        try store.write { transaction in
            guard let (container, source) = try Self.ends(id, transaction) else { return }
            for var link in try transaction.outdatedLinks(byWayOf: container, to: source) {
                link.lead(to: source, named: container)
                try transaction.save(link)
            }
        }
        return isAttached
    }

    /// A container and the one whose network it uses, mostly itself; `nil` when one of them is gone.
    private static func ends(
        _ id: String, _ transaction: Transaction
    ) throws -> (container: ContainerRecord, source: ContainerRecord)? {
        guard let container = try transaction.container(id: id),
            let source = try transaction.networkOwner(of: container)
        else { return nil }
        return (container, source)
    }

    private func update(_ select: @Sendable (Transaction) throws -> [LinkRecord]) async throws {
        var subjects: Set<LinkPaths.Subject> = []
        var unacted: [LinkRecord] = []
        var isDone = false
        for _ in 0..<Self.attempts where !isDone {
            let version = store.version
            let all = try store.read { transaction in
                var reader = LinkReader(transaction)
                return try reader.states(of: try select(transaction).filter { $0.applied != nil })
            }
            subjects.formUnion(all.map { LinkPaths.Subject($0.link) })
            // Nothing is planned for a source that is down: its lines stay as they are.
            let states = all.filter { $0.isSourceUp && starting[$0.consumer.id] == nil }
            let plans = await planner.plans(states, patience: Self.patience)
            let acting = await actingProviders(of: states.map(\.link))
            // Nothing was written meanwhile, mostly; to read a thousand links again takes time.
            guard try version == store.version || isCurrent(states),
                states.allSatisfy({ starting[$0.consumer.id] == nil })
            else { continue }
            try apply(Array(zip(states, plans)))
            unacted = want(Array(zip(states, plans)), of: acting)
            isDone = true
        }
        if !isDone { log.error("containers change faster than their links can follow") }
        for problem in try await paths.settle(Array(subjects)) {
            log.error("a path is closed that should be open", metadata: ["error": "\(problem)"])
        }
        for link in unacted {
            do {
                try await establish(link)
            } catch {
                log.error("a link's provider has not acted", metadata: ["link": "\(link.id)", "error": "\(error)"])
                actLater()
            }
        }
    }

    /// Remembers the plans that providers have not acted on; returns the links of those.
    private func want(
        _ planned: [(state: LinkState, plan: Result<LinkPlan, RPCError>)], of providers: Set<String>
    ) -> [LinkRecord] {
        planned.compactMap { state, result in
            guard providers.contains(state.link.provider), case .success(let plan) = result,
                state.link.effects?.plan != plan
            else { return nil }
            wanted[state.link.id] = plan
            return state.link
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
        for links in Dictionary(grouping: applied.indices, by: { applied[$0].state.consumer.id }).values {
            let hasLines = writeOrLog(links.map { applied[$0] })
            // What is not in the file must not be looked for there.
            if !hasLines {
                for index in links { applied[index].plan.hosts = applied[index].state.link.applied?.hosts ?? [] }
            }
        }
        try remember(applied)
    }

    private func writeOrLog(_ links: [(state: LinkState, plan: LinkPlan)]) -> Bool {
        do throws(RPCError) {
            return try writeFiles(links)
        } catch {
            let consumer = links.first?.state.consumer.name ?? ""
            log.error("cannot write files of links", metadata: ["container": "\(consumer)", "error": "\(error)"])
            return false
        }
    }

    /// Writes the files of one consumer; false when its hosts file was left alone.
    func writeFiles(_ links: [(state: LinkState, plan: LinkPlan)]) throws(RPCError) -> Bool {
        guard let consumer = links.first?.state.consumer else { return true }
        let changes = links.map { HostsFile.Change(old: $0.state.link.applied?.hosts ?? [], new: $0.plan.hosts) }
        let outcome = try HostsFileEditor.edit(directories.hosts(consumer.id)) { HostsFile.update($0, changes) }
        for (state, plan) in links { try files(of: consumer.id).set(plan.files, alias: state.link.alias) }
        guard case .leftAlone(let reason) = outcome else { return true }
        logLeftAlone(consumer.name, reason)
        return false
    }

    /// Stores what is applied now. The environment of a running process never changes: what its next one would have
    /// otherwise is pending.
    private func remember(_ links: [(state: LinkState, plan: LinkPlan)]) throws {
        let changed = links.compactMap { state, plan -> (link: LinkRecord, consumer: String)? in
            var link = state.link
            guard let applied = link.applied else { return nil }
            link.applied = plan
            link.applied?.env = applied.env
            link.pending = Self.differences(applied.env, plan.env)
            if link.applied == applied && link.pending == state.link.pending { return nil }
            return (link, state.consumer.name)
        }
        if changed.isEmpty { return }
        try store.write { transaction in
            for (link, consumer) in changed where try transaction.update(link) {
                try Self.append("link.updated", link, consumer: consumer, transaction)
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

    func logLeftAlone(_ container: String, _ reason: String) {
        log.warning("a hosts file was left alone", metadata: ["container": "\(container)", "reason": "\(reason)"])
    }
}
