import JSONRPC
import KenterProtocol
import KenterState
import Logging

// New links of containers that exist.
extension LinkService {
    /// Makes a link; what a running consumer can have of it, it has when this returns. The caller holds the consumer's
    /// gate: it neither starts nor stops meanwhile.
    ///
    /// Fails as ``resolve(_:consumerId:network:furtherNetworks:)`` does and, while the consumer runs, with `precondition`
    /// where its start would be refused, with `io`, and with `degraded` when its path cannot be opened; then there is no
    /// link.
    func create(_ params: LinkCreate, consumer id: String) async throws -> Link {
        let specification = try LinkSpecification(params)
        for _ in 0..<Self.attempts {
            let prospect = try await plan(specification, consumer: id)
            guard let link = try save(prospect, specification) else { continue }
            journal.committed()
            if prospect.state.consumer.state.isRunning {
                do {
                    try await apply(prospect, as: link)
                } catch {
                    await undo(link)
                    throw error
                }
            }
            return try inspect(consumer: id, alias: specification.alias)
        }
        throw RPCError(.pending, "the ends of the link change faster than it can be made: try again")
    }

    /// A link as it would be now, and its plan.
    struct Prospect: Sendable {
        var state: LinkState
        var plan: LinkPlan
    }

    /// Plans a link of a container that exists; nothing is written.
    nonisolated func plan(_ specification: LinkSpecification, consumer reference: String) async throws -> Prospect {
        let provider = try await plugins.provider(.link, named: specification.provider).name
        let (state, others) = try store.read { transaction in
            let consumer = try ContainerLookup(transaction).container(reference)
            let source = try Self.source(of: specification, consumer, among: transaction)
            let others = try transaction.links(ofConsumer: consumer.id)
            let link = try Self.record(
                specification, consumer.id, source, provider, position: (others.last?.position ?? -1) + 1)
            if consumer.state.isRunning {
                try LinkResolution.checkStartable(link, of: consumer, together: [], in: transaction)
            }
            var reader = LinkReader(transaction)
            return (try reader.state(of: link), try reader.states(of: others).filter { $0.source != nil })
        }
        guard let state else { throw RPCError(.notFound, "No such container: \(reference)") }
        let plan = try await plan(state.link, state.source, state.request).plan
        // What another link's provider does not say now cannot contradict.
        var plans: [(alias: String, plan: LinkPlan)] = []
        for (other, result) in zip(others, await planner.plans(others)) {
            if case .success(let plan) = result { plans.append((other.link.alias, plan)) }
        }
        _ = try LinkVariables.merged(plans + [(state.link.alias, plan)], consumer: state.consumer.name)
        return Prospect(state: state, plan: plan)
    }

    // MARK: steps

    private static func source(
        of specification: LinkSpecification, _ consumer: ContainerRecord, among transaction: Transaction
    ) throws -> LinkResolution.Source? {
        try LinkResolution.check(consumerNetwork: consumer.definition.network)
        if let other = try transaction.link(consumer: consumer.id, alias: specification.alias) {
            let name = try transaction.source(of: other)?.name ?? other.sourceName
            throw LinkRefusal.aliasTaken(other.alias, by: name)
        }
        return try LinkResolution.source(of: specification, consumer: LinkConsumer(consumer), in: transaction)
    }

    /// Stores the link with its event; `nil` when its ends have changed since it was planned.
    private func save(_ prospect: Prospect, _ specification: LinkSpecification) throws -> LinkRecord? {
        try store.write { transaction in
            guard let consumer = try transaction.container(id: prospect.state.consumer.id) else { return nil }
            let source = try Self.source(of: specification, consumer, among: transaction)
            var reader = LinkReader(transaction)
            guard source?.container.id == prospect.state.link.sourceId,
                let now = try reader.state(of: prospect.state.link),
                now.request == prospect.state.request, now.isSourceUp == prospect.state.isSourceUp
            else { return nil }
            var link = prospect.state.link
            // From here on it follows its source, whatever becomes of the steps that come.
            if consumer.state.isRunning { link.applied = LinkPlan() }
            try transaction.save(link)
            try recordCreation(of: [link], transaction)
            return link
        }
    }

    private func apply(_ prospect: Prospect, as link: LinkRecord) async throws {
        var state = prospect.state
        state.link = link
        if state.isSourceUp {
            try write(prospect.plan, of: state)
            wanted[link.id] = prospect.plan
        }
        if let problem = try await paths.settle([LinkPaths.Subject(link)]).first { throw RPCError(.degraded, problem) }
        if state.isSourceUp { try await establish(link) }
    }

    /// Writes what is in files, and remembers it. The variables are left for the next start.
    private func write(_ plan: LinkPlan, of state: LinkState) throws {
        var link = state.link
        link.applied = plan
        link.applied?.env = []
        if try !writeFiles([(state, plan)]) { link.applied?.hosts = [] }
        link.pending = plan.env.map(\.name)
        let saved = link
        try store.write { try $0.save(saved) }
    }

    /// Takes a link back that could not be made; failures are logged. What its network's provider may still have of it,
    /// reconciliation removes.
    private func undo(_ link: LinkRecord) async {
        await revoke(link)
        do {
            // Without it, it is gone already.
            if let (consumer, present) = try? find(link.consumerId, link.alias), present.id == link.id {
                try takeFilesAway(present.applied?.hosts ?? [], present, consumer)
                try delete(present, of: consumer)
            }
        } catch {
            log.error("cannot take back a link", metadata: ["link": "\(link.id)", "error": "\(error)"])
        }
        do {
            _ = try await paths.settle([LinkPaths.Subject(link)], closing: [link.id])
        } catch {
            log.error("cannot close the path of a link", metadata: ["link": "\(link.id)", "error": "\(error)"])
        }
    }
}

extension LinkSpecification {
    init(_ params: LinkCreate) throws(RPCError) {
        try self.init(
            params.source, alias: params.alias, provider: params.provider, options: params.options ?? [:])
    }
}
