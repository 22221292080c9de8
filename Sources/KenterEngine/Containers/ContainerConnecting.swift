import JSONRPC
import KenterProtocol
import KenterState
import Logging

// Joining and leaving networks, whether the container runs or not. The membership is the intent: what a running
// container has besides, or lacks, is undone when the engine starts.
extension ContainerService {
    /// Connects a container to one more network; a running one at once.
    ///
    /// Fails with `alreadyExists` for a member, and with the texts of ``NetworkRefusal``; nothing has changed then.
    func connect(_ params: NetworkConnect) async throws {
        let id = try find(params.container).id
        try await gate.enter(id) {
            let container = try reload(id)
            let membership = try store.write { try Self.addMembership(params, container, $0) }
            if container.state.isRunning {
                do {
                    let attachment = try await networks.attach(container, membership)
                    await links.changeOwnLines(container, attachment, joins: true)
                    await links.sourceChanged(id)
                } catch {
                    try store.write { try $0.deleteMembership(ofContainer: id, inNetwork: membership.networkId) }
                    throw error
                }
            }
            try noteNetwork("network.connected", membership.networkId, container)
        }
    }

    /// Disconnects a container from a network; of a running one, every path there closes at once.
    ///
    /// Fails with `notFound` where it is no member, unless `force` says that this is no matter, and with `degraded` where
    /// the network's provider cannot take a running one off it: then it is a member as before.
    func disconnect(_ params: NetworkDisconnect) async throws {
        let id = try find(params.container).id
        try await gate.enter(id) {
            let container = try reload(id)
            guard let membership = try store.write({ try Self.removeMembership(params, container, $0) }) else { return }
            let networkId = membership.networkId
            if let attachment = try store.read({ try $0.attachment(ofContainer: id, onNetwork: networkId) }) {
                try await leave(container, attachment, membership)
                do { try await networks.movePorts(of: container) } catch {
                    log.warning(
                        "ports are not published any more", metadata: ["container": "\(id)", "error": "\(error)"])
                }
                await links.sourceChanged(id)
            }
            try noteNetwork("network.disconnected", networkId, container)
        }
    }

    /// Finishes or undoes what the last engine had begun with a running container's networks; the caller holds its gate.
    func settleNetworks(of container: ContainerRecord) async throws {
        let (memberships, attachments) = try store.read { transaction in
            (
                try transaction.memberships(ofContainer: container.id),
                try transaction.attachments(ofContainer: container.id)
            )
        }
        let named = Set(memberships.map(\.networkId))
        for attachment in attachments where !attachment.isAttached || !named.contains(attachment.networkId) {
            await withdraw(container, attachment)
            await networks.detach(attachment)
            links.paths.forget(container: container.id)
        }
        let attached = Set(attachments.filter(\.isAttached).map(\.networkId))
        try store.write { transaction in
            for membership in memberships where !attached.contains(membership.networkId) {
                try transaction.deleteMembership(ofContainer: container.id, inNetwork: membership.networkId)
            }
        }
        await links.tellNames(of: container.id)
    }

    /// Takes a running container off a network; where that fails it is as it was.
    private func leave(
        _ container: ContainerRecord, _ attachment: AttachmentRecord, _ membership: MembershipRecord
    ) async throws {
        await withdraw(container, attachment)
        do {
            try await networks.detachRunning(attachment)
            links.paths.forget(container: container.id)
        } catch {
            try store.write { try $0.save(membership) }
            // Some of its paths may be closed.
            links.paths.forget(container: container.id)
            await links.changeOwnLines(container, attachment, joins: true)
            await links.sourceChanged(container.id)
            throw error
        }
    }

    /// Takes the container's names from the network's members, and theirs from it.
    private func withdraw(_ container: ContainerRecord, _ attachment: AttachmentRecord) async {
        await links.withdrawNames(of: container.id, onNetwork: attachment.networkId)
        await links.changeOwnLines(container, attachment, joins: false)
    }

    private static func addMembership(
        _ params: NetworkConnect, _ container: ContainerRecord, _ transaction: Transaction
    ) throws -> MembershipRecord {
        if params.network == "host" { throw NetworkRefusal.hostNetwork }
        switch container.definition.network {
        case .network: break
        case .host, .container: throw NetworkRefusal.sharedNetwork
        case .none: throw NetworkRefusal.noNetwork
        }
        let network = try NetworkService.find(params.network, transaction)
        let present = try transaction.memberships(ofContainer: container.id)
        guard !present.contains(where: { $0.networkId == network.id }) else {
            throw NetworkRefusal.alreadyConnected(container.name, network.name)
        }
        let membership = try MembershipRecord.checked(
            container: container.id, network: network, position: (present.last?.position ?? -1) + 1,
            aliases: params.aliases, ip: params.ip, ip6: params.ip6)
        try transaction.save(membership)
        return membership
    }

    /// The membership that was; `nil` where there was nothing to leave and that is no matter.
    private static func removeMembership(
        _ params: NetworkDisconnect, _ container: ContainerRecord, _ transaction: Transaction
    ) throws -> MembershipRecord? {
        if params.network == "host" { throw NetworkRefusal.hostNetwork }
        let network = try NetworkService.find(params.network, transaction)
        let memberships = try transaction.memberships(ofContainer: container.id)
        guard let membership = memberships.first(where: { $0.networkId == network.id }) else {
            if params.force == true { return nil }
            throw NetworkRefusal.notConnected(container.name, network.name)
        }
        try transaction.deleteMembership(ofContainer: container.id, inNetwork: network.id)
        return membership
    }

    private func noteNetwork(_ kind: String, _ networkId: String, _ container: ContainerRecord) throws {
        try store.write { transaction in
            let network = try transaction.network(id: networkId)
            _ = try transaction.append(
                event: kind, id: networkId, name: network?.name, attributes: ["container": container.id])
        }
        journal.committed()
    }
}
