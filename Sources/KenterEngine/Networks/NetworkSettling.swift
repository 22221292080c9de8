import JSONRPC
import KenterProtocol
import KenterState
import Logging

// What becomes of networks as the engine and their providers come and go.
extension NetworkService {
    /// Brings providers to know the networks there are, makes the default one, and finishes what was under way. A failure
    /// is logged: what failed is tried again when its provider has started anew, and when a container needs it.
    func prepare() async {
        await closeLingering { _ in true }
        do {
            await settle(try store.read { try $0.networks() })
        } catch {
            log.error("cannot read the networks", metadata: ["error": "\(error)"])
        }
        await prepareDefaultNetwork()
    }

    /// A provider has started anew: makes what it misses, and what could not be made while it was away.
    func makeAnew(_ provider: String, missing: Set<String>) async throws {
        let own = try store.read { try $0.networks() }.filter { $0.provider == provider }
        await closeLingering { attachment in own.contains { $0.id == attachment.networkId } }
        await settle(own.filter { $0.isLeaving || $0.providerState == nil || missing.contains($0.id) })
        let known = try store.read { try $0.network(named: Self.defaultName) }
        let isToBeMade = known.map { own in
            own.provider == provider && (own.providerState == nil || missing.contains(own.id))
        }
        if isToBeMade ?? true { await prepareDefaultNetwork() }
    }

    /// Finishes removals, then makes networks again that their provider may have lost, but for the default one: it comes
    /// last, since it may have to choose another subnet, which is to be nobody else's.
    private func settle(_ networks: [NetworkRecord]) async {
        for network in networks where network.isLeaving { await finishRemovalAgain(network) }
        for network in networks where network.name != Self.defaultName { await ensureAgain(network) }
    }

    private func finishRemovalAgain(_ network: NetworkRecord) async {
        await gate.enter("networks") {
            do {
                // Whoever was inside may have finished it, or taken it back.
                guard let present = try store.read({ try $0.network(id: network.id) }), present.isLeaving else {
                    return
                }
                try await finishRemoval(present)
            } catch {
                logFailure("a network cannot be removed", network, error)
            }
        }
    }

    /// Makes a network again that its provider may have lost. A failure is logged: the others can do without it.
    private func ensureAgain(_ network: NetworkRecord) async {
        await gate.enter("networks") {
            do {
                // Somebody may have changed or removed it meanwhile.
                guard let present = try store.read({ try $0.network(id: network.id) }), !present.isLeaving else {
                    return
                }
                try await ensure(present)
            } catch {
                logFailure("a network could not be made", network, error)
            }
        }
    }

    /// Makes a network that its provider has failed to make before. Fails with what the provider says.
    func ensureMade(_ id: String) async throws {
        func unmade() throws -> NetworkRecord? {
            guard let network = try store.read({ try $0.network(id: id) }), !network.isLeaving,
                network.providerState == nil
            else { return nil }
            return network
        }
        guard try unmade() != nil else { return }
        try await gate.enter("networks") {
            guard let network = try unmade() else { return }
            do {
                guard network.name == Self.defaultName else { return try await ensure(network) }
                try await keepOrMakeDefaultNetwork()
            } catch let error as RPCError {
                throw RPCError(
                    error.kind, "network \(network.name) cannot be used: it could not be made: \(error)",
                    details: error.details)
            }
        }
    }

    /// Lets go of what networks hold on the host when the engine ends and no container runs: another engine may use
    /// their subnets until the next start.
    func release() async {
        await gate.enter("networks") {
            do {
                let (networks, isIdle) = try store.read { (try $0.networks(), try $0.attachments().isEmpty) }
                guard isIdle else { return }
                // One that does not answer is not to hold up the engine's end once for each of them.
                await UnansweredProviders.askingOnce {
                    await closeLingering(timeout: .seconds(3)) { _ in true }
                    for network in networks where network.providerState != nil { await release(network) }
                }
            } catch {
                log.warning("networks stay on the host", metadata: ["error": "\(error)"])
            }
        }
    }

    private func release(_ network: NetworkRecord) async {
        do {
            try await removeAtProvider(network, timeout: .seconds(3))
            try store.write { transaction in
                guard var released = try transaction.network(id: network.id) else { return }
                released.providerState = nil
                try transaction.save(released)
            }
        } catch {
            log.warning(
                "a network stays on the host", metadata: ["network": "\(network.name)", "error": "\(error)"])
        }
    }
}
