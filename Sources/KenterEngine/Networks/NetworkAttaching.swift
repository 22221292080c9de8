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
        let (network, attachment, ports) = try store.write { transaction in
            let (network, attachment) = try Self.reserve(container, membership, transaction)
            let carrier = try transaction.portCarrier(ofContainer: container.id)
            let publish = carrier == network.id ? PublishRecord.all(of: container.definition) : []
            return (network, attachment, publish)
        }
        do {
            try await checkIsolation(of: network.provider)
            return try await connect(container, attachment, network, ports)
        } catch {
            await detach(attachment)
            throw error
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
        let result = try await PublishRecord.choosingPorts(of: publish) { ports in
            try await self.plugins.call(
                self.request(container, attachment, network, ports), role: .network, provider: network.provider)
        } undo: {
            // The same attachment with other ports would be another specification.
            if let failure = await self.closeAtProvider(attachment) { throw failure }
        }
        var attachment = attachment
        if try await plugins.provider(.network, named: network.provider).has(.ipam) {
            attachment.addresses = try take(result.addresses, of: network, for: attachment)
        }
        attachment.ports = result.ports
        attachment.mac = result.mac
        attachment.gateway = result.gateways.first
        attachment.providerState = result.state
        let attached = attachment
        try store.write { try $0.save(attached) }
        return attached
    }

    private func request(
        _ container: ContainerRecord, _ attachment: AttachmentRecord, _ network: NetworkRecord, _ ports: [Port]
    ) -> ProviderNetworkAttach {
        let addresses = [attachment.addresses.ipv4, attachment.addresses.ipv6].compactMap { $0 }
        return ProviderNetworkAttach(
            attachmentId: attachment.id, networkId: network.id, networkState: network.providerState ?? JSONObject(),
            netns: namespacePath(container.id), interface: attachment.interface,
            addresses: zip(addresses, network.subnets).map { "\($0)/\($1.length)" }, mac: attachment.mac,
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
            _ = try await plugins.call(
                request(container, attachment, network, attachment.ports), role: .network, provider: network.provider)
        } catch {
            log.error(
                "cannot attach a container again",
                metadata: ["container": "\(attachment.containerId)", "error": "\(error)"])
        }
    }

    /// Publishes a running container's ports on the network that carries them now, after another one has gone.
    func movePorts(of container: ContainerRecord) async throws {
        let wanted = PublishRecord.all(of: container.definition)
        let (attachment, provider) = try store.read { transaction -> (AttachmentRecord?, String?) in
            guard let carrier = try transaction.portCarrier(ofContainer: container.id) else { return (nil, nil) }
            return (
                try transaction.attachment(ofContainer: container.id, onNetwork: carrier),
                try transaction.network(id: carrier)?.provider
            )
        }
        guard var attachment, attachment.isAttached, attachment.ports.isEmpty, !wanted.isEmpty else { return }
        let id = attachment.id
        let publish: @Sendable ([Port]) async throws -> [Port] = { [plugins] ports in
            try await plugins.call(
                ProviderNetworkPublish(attachmentId: id, ports: ports), role: .network, provider: provider
            ).ports
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
