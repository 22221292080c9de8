import JSONRPC
import KenterProtocol
import KenterState
import Logging

/// What a starting consumer gets from its links.
struct LinkedState: Sendable {
    /// In the order of the links.
    var variables: [LinkVariable]
    var hosts: [LinkHostsEntry]
}

// The start and the end of a consumer.
extension LinkService {
    /// Refuses to start a consumer whose links cannot work now; containers in `together` count as running.
    ///
    /// Fails with `precondition` and the texts of ``LinkRefusal``.
    nonisolated func checkStartable(_ consumer: ContainerRecord, together: Set<String>) throws {
        try store.read { try LinkResolution.checkStartable(consumer, together: together, in: $0) }
    }

    /// Readies the links of a container that is attached to its network and has no process yet: makes its link files,
    /// opens the paths to its sources, and returns what else it is to see of them.
    ///
    /// For every container, with links or without. Sources that are not there (which a user-defined network allows) are
    /// left out. ``sourceChanged(_:)`` for the container itself ends its start, ``end(_:)`` a failed one.
    ///
    /// Fails with `conflict`, `io`, with what a link provider says, or `degraded` when a path cannot be opened.
    func begin(_ consumer: ContainerRecord) async throws -> LinkedState {
        for _ in 0..<Self.attempts {
            let states = try linkStates(of: consumer.id)
            let up = states.filter(\.isSourceUp)
            let plans = try await planner.plans(up).map { try $0.get() }
            let variables = try LinkVariables.merged(
                zip(up, plans).map { ($0.link.alias, $1) }, consumer: consumer.name)
            guard try isCurrent(states) else { continue }
            let planned = Dictionary(uniqueKeysWithValues: zip(up.map(\.link.id), plans))
            try writeFiles(of: consumer.id, states, planned)
            try remember(states, planned)
            wanted.merge(planned) { $1 }
            starting[consumer.id] = try linkStates(of: consumer.id)
            let members = try beginNames(of: consumer.id)
            let problems = try await paths.settle(states.map { LinkPaths.Subject($0.link) })
            if let problem = problems.first { throw RPCError(.degraded, problem) }
            for state in up { try await establish(state.link) }
            return LinkedState(variables: variables, hosts: plans.flatMap(\.hosts) + members)
        }
        throw RPCError(.pending, "the sources of \(consumer.name) change faster than its links can follow: try again")
    }

    /// A consumer has stopped, or failed to start, and its network has closed every path of it: nothing of its links is
    /// applied any more. Lines of it in the hosts files of others stay.
    func end(_ containerId: String) async {
        starting[containerId] = nil
        startingNames[containerId] = nil
        paths.forget(container: containerId)
        do {
            try forgetApplied(containerId)
        } catch {
            log.error("cannot record the end of links", metadata: ["container": "\(containerId)", "error": "\(error)"])
        }
        do {
            for link in try store.read({ try $0.links(ofConsumer: containerId) }) { await revoke(link) }
        } catch {
            log.error("cannot read links", metadata: ["container": "\(containerId)", "error": "\(error)"])
        }
    }

    /// The attachments of a consumer have ended, and every path with them: its providers need not keep the rules for when
    /// they are back, which they never are. What fails is logged; reconciliation removes the rules of links that are gone.
    nonisolated func dropRules(ofConsumer id: String) async {
        do {
            let (links, networks) = try store.read { transaction in
                // An engine may have died since they ended: what is applied tells, not what is attached.
                let links = try transaction.links(ofConsumer: id).filter { $0.applied != nil }
                // Where one lingers, its provider does not answer, or has more to undo than rules.
                let lingering = Set(try transaction.lingeringAttachments().map(\.networkId))
                return (
                    links,
                    try transaction.memberships(ofContainer: id).map(\.networkId).filter { !lingering.contains($0) }
                )
            }
            try await paths.drop(links.map(\.id), from: networks)
        } catch {
            log.warning("cannot drop the rules of links", metadata: ["container": "\(id)", "error": "\(error)"])
        }
    }

    /// The variables of a running container's links as they are now, for a process that joins it; those of sources that
    /// do not run are left out. A link provider that is being started again is waited for.
    ///
    /// Fails with what a link provider says.
    nonisolated func currentVariables(_ consumer: ContainerRecord) async throws -> [LinkVariable] {
        let states = try linkStates(of: consumer.id).filter(\.isSourceUp)
        let plans = try await planner.plans(states, patience: Self.patience).map { try $0.get() }
        return try LinkVariables.merged(
            zip(states, plans).map { ($0.link.alias, $1) }, consumer: consumer.name)
    }

    // MARK: steps

    nonisolated func linkStates(of consumerId: String) throws -> [LinkState] {
        try store.read { transaction in
            var reader = LinkReader(transaction)
            return try reader.states(of: try transaction.links(ofConsumer: consumerId))
        }
    }

    /// Whether plans for these would be the same now, and nothing else has been applied since.
    nonisolated func isCurrent(_ states: [LinkState]) throws -> Bool {
        try store.read { transaction in
            var reader = LinkReader(transaction)
            return try states.allSatisfy { state in
                guard let link = try transaction.link(consumer: state.link.consumerId, alias: state.link.alias),
                    let now = try reader.state(of: link)
                else { return false }
                return now.link.id == state.link.id && now.link.applied == state.link.applied
                    && now.link.effects == state.link.effects
                    && now.isSourceUp == state.isSourceUp && now.request == state.request
            }
        }
    }

    private func writeFiles(of consumerId: String, _ states: [LinkState], _ planned: [String: LinkPlan]) throws {
        let files = files(of: consumerId)
        try files.create()
        try files.keepOnly(Set(states.map(\.link.alias)))
        for state in states { try files.set(planned[state.link.id]?.files ?? [], alias: state.link.alias) }
    }

    /// A link without plan has been applied, too: there was nothing to apply.
    private func remember(_ states: [LinkState], _ planned: [String: LinkPlan]) throws {
        if states.isEmpty { return }
        try store.write { transaction in
            for state in states {
                guard var link = try transaction.link(consumer: state.consumer.id, alias: state.link.alias),
                    link.id == state.link.id
                else { continue }
                link.applied = planned[link.id] ?? LinkPlan()
                link.pending = []
                try transaction.save(link)
            }
        }
    }

    private func forgetApplied(_ containerId: String) throws {
        try store.write { transaction in
            for var link in try transaction.links(ofConsumer: containerId) where link.applied != nil {
                link.applied = nil
                link.pending = []
                try transaction.save(link)
            }
        }
    }
}
