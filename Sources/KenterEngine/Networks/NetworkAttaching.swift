import JSONRPC
import KenterProtocol
import KenterState
import Logging
import Netlink

// The places of running containers on their networks.
extension NetworkService {
    /// Connects a starting container to all of its networks, in order. After an error, what is connected stays so: the
    /// caller takes down all of the container.
    func attach(_ container: ContainerRecord) async throws {
        let memberships = try store.read { transaction in
            let memberships = try transaction.memberships(ofContainer: container.id)
            // Not even the one it was made for: somebody has removed that.
            if memberships.isEmpty, case .network(let id) = container.definition.network,
                try transaction.network(id: id) == nil
            {
                throw RPCError(.notFound, "network \(id) not found: connect container \(container.name) to another one")
            }
            return memberships
        }
        for membership in memberships { _ = try await attach(container, membership) }
    }

    /// Gives a container its addresses on one network and connects its namespace; nothing of it remains after an error.
    func attach(_ container: ContainerRecord, _ membership: MembershipRecord) async throws -> AttachmentRecord {
        // One that an earlier failure has left behind: its provider may still have it, and its addresses.
        if let stale = try store.read({
            try $0.attachment(ofContainer: container.id, onNetwork: membership.networkId)
        }) {
            await detach(stale)
        }
        await closeLingering { $0.containerId == container.id && $0.networkId == membership.networkId }
        try await ensureMade(membership.networkId)
        let (network, attachment) = try await reserve(container, membership)
        do {
            let ports = try store.read { transaction in
                let carrier = try transaction.portCarrier(ofContainer: container.id)
                return carrier == network.id ? PublishRecord.all(of: container.definition) : []
            }
            try await checkIsolation(of: network.provider)
            return try await connect(container, attachment, network, ports)
        } catch {
            await detach(attachment)
            throw error
        }
    }

    private func reserve(
        _ container: ContainerRecord, _ membership: MembershipRecord
    ) async throws -> (NetworkRecord, AttachmentRecord) {
        do {
            return try store.write { try Self.reserve(container, membership, $0) }
        } catch let error as RPCError where [.conflict, .exhausted].contains(error.kind) {
            // What is in the way may be an attachment that is over, and can be ended by now.
            await closeLingering { $0.networkId == membership.networkId }
            return try store.write { try Self.reserve(container, membership, $0) }
        }
    }

    /// The intent: addresses and an attachment that the provider has not confirmed yet.
    private static func reserve(
        _ container: ContainerRecord, _ membership: MembershipRecord, _ transaction: Transaction
    ) throws -> (NetworkRecord, AttachmentRecord) {
        guard let network = try transaction.network(id: membership.networkId), !network.isRemoving else {
            throw RPCError(.notFound, "network \(membership.networkId) not found")
        }
        guard network.providerState != nil else {
            throw RPCError(
                .unavailable,
                "network \(network.name) cannot be used: its provider could not make it; see the engine's log")
        }
        let records = try transaction.addresses(onNetwork: network.id)
        var addresses = ContainerAddresses()
        for subnet in network.subnets {
            let pool = AddressPool(subnet: subnet, gateways: network.gateways, records: records)
            let isIPv4 = subnet.family == .ipv4
            let requested = isIPv4 ? membership.requested.ipv4 : membership.requested.ipv6
            let address = try pool.address(forContainer: container.id, requested: requested).description
            try transaction.take(address: address, onNetwork: network.id, forContainer: container.id)
            if isIPv4 { addresses.ipv4 = address } else { addresses.ipv6 = address }
        }
        // Numbers grow with the order of its networks: the first of both that leads outside is its way out.
        let lingering = try transaction.lingeringAttachments().filter { $0.containerId == container.id }
        let taken = try (transaction.attachments(ofContainer: container.id) + lingering)
            .compactMap { Int($0.interface.dropFirst(3)) }
        let interface = "eth\((taken.max() ?? -1) + 1)"
        let attachment = AttachmentRecord(
            id: Identifier.hex(digits: 16), containerId: container.id, networkId: network.id, interface: interface,
            addresses: addresses)
        try transaction.save(attachment)
        return (network, attachment)
    }

    private func connect(
        _ container: ContainerRecord, _ attachment: AttachmentRecord, _ network: NetworkRecord,
        _ publish: [PublishRecord]
    ) async throws -> AttachmentRecord {
        let (result, ports) = try await PublishRecord.choosingPorts(of: publish) { ports in
            let result = try await self.plugins.call(
                self.request(container, attachment, network, ports), role: .network, provider: network.provider)
            return (result, ports)
        } undo: {
            // The same attachment with other ports would be another specification.
            if let failure = await self.closeAtProvider(attachment) { throw failure }
        }
        return try await keep(result, of: attachment, network, asked: ports)
    }

    /// Remembers what a provider has made of an attachment. Fails with `pluginProtocol` where it has answered what cannot
    /// be, and with `conflict` where the attachment has ended meanwhile.
    private func keep(
        _ result: ProviderNetworkAttach.Result, of attachment: AttachmentRecord, _ network: NetworkRecord,
        asked: [Port]
    ) async throws -> AttachmentRecord {
        let ports = try Self.checked(ports: result.ports, askedFor: asked, of: network)
        let mac = try Self.checked(mac: result.mac, of: network)
        let gateways = try Self.checked(gateways: result.gateways, of: network)
        let hasChosen = try await plugins.provider(.network, named: network.provider).has(.ipam)
        let chosen = hasChosen ? try Self.check(result.addresses, of: network) : nil
        return try store.write { transaction in
            guard var present = try transaction.attachment(id: attachment.id) else {
                throw RPCError(.conflict, "the container has left the network \(network.name) meanwhile")
            }
            if let chosen {
                try Self.take(chosen, of: network, for: present, transaction)
                present.addresses = chosen
            }
            // Those of one that is attached may have been moved to another network meanwhile.
            if !present.isAttached { present.ports = ports }
            present.mac = mac
            present.gateway = gateways.first
            present.providerState = result.state
            try transaction.save(present)
            return present
        }
    }

    private func request(
        _ container: ContainerRecord, _ attachment: AttachmentRecord, _ network: NetworkRecord, _ ports: [Port]
    ) -> ProviderNetworkAttach {
        // One may have an address of one family only.
        let addresses = network.subnets.compactMap { subnet in
            (subnet.family == .ipv4 ? attachment.addresses.ipv4 : attachment.addresses.ipv6)
                .map { "\($0)/\(subnet.length)" }
        }
        return ProviderNetworkAttach(
            attachmentId: attachment.id, networkId: network.id, networkState: network.providerState ?? JSONObject(),
            netns: namespacePath(container.id), interface: attachment.interface,
            addresses: addresses, mac: attachment.mac,
            hostname: container.definition.config.hostname, ports: ports, hostPorts: container.definition.hostPorts)
    }

    /// Tells a provider that has lost it of an attachment that is in use.
    func reattach(_ attachment: AttachmentRecord) async {
        do {
            let (network, container) = try store.read { transaction in
                (
                    try transaction.network(id: attachment.networkId),
                    try transaction.container(id: attachment.containerId)
                )
            }
            guard let network, let container else { return }
            let result = try await plugins.call(
                request(container, attachment, network, attachment.ports), role: .network, provider: network.provider)
            do {
                _ = try await keep(result, of: attachment, network, asked: attachment.ports)
            } catch {
                if let failure = await closeAtProvider(attachment) {
                    log.error(
                        "detach failed", metadata: ["container": "\(container.id)", "error": "\(failure)"])
                }
                throw error
            }
        } catch {
            log.error(
                "cannot attach a container again",
                metadata: ["container": "\(attachment.containerId)", "error": "\(error)"])
        }
    }

    /// Publishes a running container's ports on the network that carries them now, after another one has gone.
    func movePorts(of container: ContainerRecord) async throws {
        let wanted = PublishRecord.all(of: container.definition)
        let (attachment, network) = try store.read { transaction -> (AttachmentRecord?, NetworkRecord?) in
            guard let carrier = try transaction.portCarrier(ofContainer: container.id) else { return (nil, nil) }
            return (
                try transaction.attachment(ofContainer: container.id, onNetwork: carrier),
                try transaction.network(id: carrier)
            )
        }
        guard var attachment, let network, attachment.isAttached, attachment.ports.isEmpty, !wanted.isEmpty else {
            return
        }
        let id = attachment.id
        let publish: @Sendable ([Port]) async throws -> [Port] = { [plugins] ports in
            let result = try await plugins.call(
                ProviderNetworkPublish(attachmentId: id, ports: ports), role: .network, provider: network.provider)
            return try Self.checked(ports: result.ports, askedFor: ports, of: network)
        }
        do {
            // It says all that is to be: there is nothing to undo between two attempts.
            attachment.ports = try await PublishRecord.choosingPorts(of: wanted, publish) {}
        } catch {
            await withdraw(publish)
            throw error
        }
        let moved = attachment
        try store.write { try $0.save(moved) }
    }

    /// Half of what could not be published may be.
    private func withdraw(_ publish: @escaping @Sendable ([Port]) async throws -> [Port]) async {
        do {
            _ = try await shielded { try await publish([]) }
        } catch {
            log.error("cannot withdraw published ports", metadata: ["error": "\(error)"])
        }
    }
}

extension Transaction {
    /// The network on which a container's ports are published, by id: the first one that leads outside.
    func portCarrier(ofContainer id: String) throws -> String? {
        try memberships(ofContainer: id).map(\.networkId).first { try network(id: $0)?.isInternal == false }
    }
}
