import JSONRPC
import KenterProtocol
import KenterState
import Logging
import Netlink

// How networks come and go. What is under way is in the state first: when the engine starts, networks that nobody was told
// of and those whose removal has begun are removed, and all others are made whole.
extension NetworkService {
    /// Brings providers to know the networks there are, makes the default one, and finishes what was under way. A failure
    /// is logged: what failed cannot be used until its provider has started anew.
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
                logFailure("a network cannot be used", network, error)
            }
        }
    }

    /// Tells the provider of a network that exists in state; the same answer however often.
    func ensure(_ network: NetworkRecord, isNew: Bool = false) async throws {
        let result = try await plugins.call(
            ProviderNetworkCreate(networkId: network.id, networkName: network.name, spec: network.spec),
            role: .network, provider: network.provider)
        try store.write { transaction in
            guard var present = try transaction.network(id: network.id) else { return }
            present.providerState = result.state
            present.gateways = result.gateways
            if isNew { present.isProvisional = nil }
            try transaction.save(present)
            if isNew { _ = try transaction.append(event: "network.created", id: network.id, name: network.name) }
        }
        if isNew { journal.committed() }
    }

    /// Makes a network. Fails with `alreadyExists`, `permission` (a predefined name), `conflict` (the subnet is in use)
    /// or `invalidParams`; nothing of it is left then.
    func create(_ params: NetworkCreate) async throws -> NetworkCreate.Result {
        try Self.checkName(params.networkName)
        return try await gate.enter("networks") {
            let provider = try await plugins.provider(.network, named: params.provider)
            try await finishRemains(named: params.networkName)
            try store.read { try Self.checkFree(params.networkName, $0) }
            let validated = try await plugins.call(
                ProviderNetworkValidate(spec: params.specification), role: .network, provider: provider.name)
            let network = NetworkRecord(
                id: Identifier.hex(digits: 64), name: params.networkName, provider: provider.name,
                spec: validated.spec, labels: params.labels ?? [:], createdAt: .now, isProvisional: true)
            try store.write { transaction in
                try Self.checkFree(network.name, transaction)
                try Self.checkOverlap(network, transaction)
                try transaction.save(network)
            }
            do {
                try await ensure(network, isNew: true)
            } catch {
                await shielded { await self.discard(network) }
                throw error
            }
            return NetworkCreate.Result(id: network.id, name: network.name)
        }
    }

    /// Removes a network on which no container runs; those that are stopped are no members any more.
    func remove(_ params: NetworkRemove) async throws -> NetworkRemove.Result {
        try await gate.enter("networks") {
            let id = try store.read { try Self.find(params.network, $0).id }
            await closeLingering { $0.networkId == id }
            let network = try store.write { transaction in
                var network = try Self.find(params.network, transaction)
                guard network.name != Self.defaultName else {
                    throw RPCError(.permission, "\(network.name) is a pre-defined network and cannot be removed")
                }
                try Self.checkUnused(network, transaction)
                network.isRemoving = true
                try transaction.save(network)
                return network
            }
            do {
                try await finishRemoval(network)
            } catch {
                await shielded { await self.keep(network) }
                throw error
            }
            return NetworkRemove.Result(id: network.id)
        }
    }

    /// Removes every network that no container belongs to.
    func prune() async throws -> NetworkPrune.Result {
        let unused = try store.read { transaction in
            try transaction.networks().filter { network in
                try network.name != Self.defaultName && !network.isLeaving
                    && transaction.memberships(ofNetwork: network.id).isEmpty
            }
        }
        var removed: [String] = []
        for network in unused {
            do {
                _ = try await remove(NetworkRemove(network: network.id))
                removed.append(network.name)
            } catch let error as RPCError where [.conflict, .notFound].contains(error.kind) {
                continue  // A container has joined it, or somebody else has removed it, meanwhile.
            } catch {
                logFailure("a network cannot be pruned", network, error)
            }
        }
        return NetworkPrune.Result(removed: removed)
    }

    /// Lets go of what networks hold on the host when the engine ends and no container runs: another engine may use
    /// their subnets until the next start.
    func release() async {
        do {
            let (networks, isIdle) = try store.read { (try $0.networks(), try $0.attachments().isEmpty) }
            guard isIdle else { return }
            for network in networks where network.providerState != nil { await release(network) }
        } catch {
            log.warning("networks stay on the host", metadata: ["error": "\(error)"])
        }
    }

    private func release(_ network: NetworkRecord) async {
        do {
            try await removeAtProvider(network, timeout: .seconds(3))
            var released = network
            released.providerState = nil
            let saved = released
            try store.write { try $0.save(saved) }
        } catch {
            log.warning(
                "a network stays on the host", metadata: ["network": "\(network.name)", "error": "\(error)"])
        }
    }

    // MARK: steps

    private func finishRemoval(_ network: NetworkRecord) async throws {
        try await removeAtProvider(network)
        try store.write { transaction in
            try transaction.deleteNetwork(id: network.id)
            guard network.isShown else { return }
            _ = try transaction.append(event: "network.removed", id: network.id, name: network.name)
        }
        journal.committed()
    }

    func removeAtProvider(_ network: NetworkRecord, timeout: Duration = .seconds(30)) async throws {
        _ = try await plugins.call(
            ProviderNetworkRemove(networkId: network.id, state: network.providerState), role: .network,
            provider: network.provider, timeout: timeout)
    }

    /// Takes back a network that could not be made. Nobody sees it any more; what fails is tried again at its provider's
    /// next start, and before another network is made.
    private func discard(_ network: NetworkRecord) async {
        do { try await finishRemoval(network) } catch {
            logFailure("a network cannot be taken back", network, error)
        }
    }

    /// Takes back what could not be taken back before; it may hold the name, or the subnet, that is wanted now. Holds the
    /// gate, so nothing of it is being made.
    private func finishRemains(named name: String) async throws {
        for network in try store.read({ try $0.networks() }) where !network.isShown {
            do { try await finishRemoval(network) } catch {
                if network.name == name { throw error }
                logFailure("a network cannot be taken back", network, error)
            }
        }
    }

    /// Takes back a removal that has failed.
    private func keep(_ network: NetworkRecord) async {
        do {
            var network = network
            network.isRemoving = false
            let kept = network
            try store.write { try $0.save(kept) }
            try await ensure(kept)
        } catch {
            logFailure("a network cannot be used", network, error)
        }
    }

    func logFailure(_ text: Logger.Message, _ network: NetworkRecord, _ error: any Error) {
        log.error(text, metadata: ["network": "\(network.name)", "error": "\(error)"])
    }

    // MARK: checks

    private static func checkName(_ name: String) throws(RPCError) {
        guard !predefinedNames.contains(name) else {
            throw RPCError(.permission, "operation is not permitted on predefined \(name) network")
        }
        guard name.utf8.count <= 64, LinkAlias.isValid(name) else {
            throw RPCError(
                .invalidParams,
                "invalid network name \(LinkAlias.quoted(name)): only 1 to 64 characters [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
            )
        }
    }

    private static func checkFree(_ name: String, _ transaction: Transaction) throws {
        guard try transaction.network(named: name) == nil else {
            throw RPCError(.alreadyExists, "network with name \(name) already exists")
        }
    }

    /// Networks of other providers count too, and those that their own cannot make at the moment.
    static func checkOverlap(_ network: NetworkRecord, _ transaction: Transaction) throws {
        for other in try transaction.networks() where other.id != network.id {
            for subnet in network.subnets where other.subnets.contains(where: subnet.overlaps) {
                throw RPCError(
                    .conflict,
                    "Pool overlaps with other one on this address space: \(subnet) with network \(other.name)")
            }
        }
    }

    private static func checkUnused(_ network: NetworkRecord, _ transaction: Transaction) throws {
        let users = try transaction.attachments(onNetwork: network.id).map { attachment in
            let name = try transaction.container(id: attachment.containerId)?.name ?? ""
            return "name:\"\(name)\" id:\"\(attachment.containerId.prefix(12))\""
        }
        if users.isEmpty { return }
        throw RPCError(
            .conflict,
            "error while removing network: network \(network.name) has active endpoints "
                + "(\(users.sorted().joined(separator: ", ")))")
    }
}

extension NetworkCreate {
    var specification: NetworkSpecification {
        NetworkSpecification(
            subnet: subnet, gateway: gateway, ipv6Subnet: ipv6Subnet ?? (ipv6 == true ? Self.uniqueLocalSubnet() : nil),
            mtu: mtu, internal: `internal`, isolated: isolated, hostPorts: hostPorts, options: options)
    }

    /// A subnet of its own that nobody else is likely to use (RFC 4193): fd, 40 random bits, subnet 0.
    private static func uniqueLocalSubnet() -> String {
        let global = UInt128(UInt64.random(in: 0..<1 << 40))
        return "\(IPAddress(family: .ipv6, value: 0xfd << 120 | global << 80))/64"
    }
}
