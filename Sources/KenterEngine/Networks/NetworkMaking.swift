import JSONRPC
import KenterProtocol
import KenterState
import Logging
import Netlink

// How networks come and go. What is under way is in the state first: when the engine starts, networks that nobody was told
// of and those whose removal has begun are removed, and all others are made whole.
extension NetworkService {
    /// Tells the provider of a network that exists in state; the same answer however often.
    func ensure(_ network: NetworkRecord, isNew: Bool = false) async throws {
        let result = try await plugins.call(
            ProviderNetworkCreate(networkId: network.id, networkName: network.name, spec: network.spec),
            role: .network, provider: network.provider)
        let gateways = try Self.checked(gateways: result.gateways, of: network)
        try store.write { transaction in
            guard var present = try transaction.network(id: network.id) else { return }
            present.providerState = result.state
            present.gateways = gateways
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
            try await finishRemains { $0.name == params.networkName }
            try store.read { try Self.checkFree(params.networkName, $0) }
            var network = NetworkRecord(
                id: Identifier.hex(digits: 64), name: params.networkName, provider: provider.name,
                spec: params.specification, labels: params.labels ?? [:], createdAt: .now, isProvisional: true)
            // Before its provider sees the same, and cannot say where another one's network comes from.
            try await makeRoom(for: network)
            network.spec = try await plugins.call(
                ProviderNetworkValidate(spec: network.spec), role: .network, provider: provider.name
            ).spec
            try await makeRoom(for: network)
            let made = network
            try store.write { transaction in
                try Self.checkFree(made.name, transaction)
                try Self.checkOverlap(made, transaction)
                try transaction.save(made)
            }
            do {
                try await ensure(made, isNew: true)
            } catch {
                await shielded { await self.discard(made) }
                throw error
            }
            return NetworkCreate.Result(id: made.id, name: made.name)
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

    // MARK: steps

    func finishRemoval(_ network: NetworkRecord) async throws {
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

    /// Takes back what of earlier failures has a part of a network's subnets. Fails with `conflict` where one is in use.
    private func makeRoom(for network: NetworkRecord) async throws {
        do { try await finishRemains { network.overlap(with: $0) != nil } } catch {
            // Logged; the check names what is left.
        }
        try store.read { try Self.checkOverlap(network, $0) }
    }

    /// Takes back what could not be taken back before, where it holds what is wanted now: a name, or a subnet. Holds the
    /// gate, so nothing of it is being made.
    private func finishRemains(where isMeant: (NetworkRecord) -> Bool) async throws {
        var failure: (any Error)?
        for network in try store.read({ try $0.networks() }) where !network.isShown && isMeant(network) {
            do { try await finishRemoval(network) } catch {
                logFailure("a network cannot be taken back", network, error)
                failure = error
            }
        }
        if let failure { throw failure }
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
            guard let subnet = network.overlap(with: other) else { continue }
            // One of those is in no list.
            let remains =
                other.isShown
                ? "" : ", which could not be made, and which its provider '\(other.provider)' has not taken back yet"
            throw RPCError(
                .conflict,
                "Pool overlaps with other one on this address space: \(subnet) with network \(other.name)\(remains)")
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

extension NetworkRecord {
    /// The first of its subnets that another network has a part of.
    fileprivate func overlap(with other: NetworkRecord) -> IPPrefix? {
        subnets.first { other.subnets.contains(where: $0.overlaps) }
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
