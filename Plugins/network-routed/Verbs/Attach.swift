import JSONRPC
import KenterPluginKit
import KenterProtocol
import Netlink
import Threads

// attach, detach, publish, stats
extension RoutedNetworks {
    func attach(_ request: ProviderNetworkAttach) throws -> ProviderNetworkAttach.Result {
        try translating {
            try StateStore.checked(id: request.attachmentId)
            guard let network = networks[request.networkId] else {
                throw RPCError(.notFound, "no network \(request.networkId)")
            }
            try request.checked(for: network)
            let current = attachments[request.attachmentId]
            if let current {
                guard current.isMeant(by: request) else {
                    throw RPCError(
                        .conflict,
                        "attachment \(request.attachmentId) exists with another specification: detach it first")
                }
                let isUnmoved = current.request.addresses == request.addresses && current.request.netns == request.netns
                let device = ContainerDevice(attachment: current, network: network, routeTable: names.routeTable)
                if isUnmoved, try device.isWhole(&routes) { return result(current, network) }
            }
            try refuseTakenAddresses(request)
            try forgetLastOwners(of: request.addresses.compactMap { IPPrefix($0)?.address })
            return try establish(request, network, replacing: current)
        }
    }

    func detach(_ request: ProviderNetworkDetach) async throws -> ProviderNetworkDetach.Result {
        let id = request.attachmentId
        let device =
            attachments[id]?.device
            ?? names.device(of: id) { name in
                attachments.values.contains { $0.device == name }
            }
        let namespace = attachments[id]?.request.netns
        let index = try translating { try routes.link(named: device)?.index }
        try translating { try close(id, device) }
        defer { restoreRoutes(inNamespace: namespace) }
        guard let index else { return Empty() }
        // Takes tens of milliseconds, during which others can be served.
        let failure = await DetachedThread.run { () -> NetlinkError? in
            do throws(NetlinkError) {
                var routes = try RouteSocket()
                try routes.deleteLink(index: index)
                return nil
            } catch { return error }
        }
        if let failure { throw RPCError(failure) }
        return Empty()
    }

    /// The other attachments of a container that has lost one: the first that leads outside becomes its way out.
    private func restoreRoutes(inNamespace namespace: String?) {
        let others = attachments.values.filter { $0.request.netns == namespace }.sorted { left, right in
            let (left, right) = (left.request.interface, right.request.interface)
            return (left.utf8.count, left) < (right.utf8.count, right)
        }
        for attachment in others {
            guard let network = networks[attachment.request.networkId] else { continue }
            do {
                try ContainerDevice(attachment: attachment, network: network, routeTable: names.routeTable)
                    .restoreContainerRoutes()
            } catch {
                context.log.warning("routes of attachment \(attachment.id) stay as they are: \(error)")
            }
        }
    }

    func publish(_ request: ProviderNetworkPublish) throws -> ProviderNetworkPublish.Result {
        try translating {
            guard let current = attachments[request.attachmentId] else {
                throw RPCError(.notFound, "no attachment \(request.attachmentId)")
            }
            var next = current
            next.published = try ports.publish(
                request.ports, keeping: current.published, to: current.addresses)
            let transaction: FilterTransaction
            do {
                try ContainerDevice.setLoopbackRouting(next)
                transaction = try filter.apply(changes(next.id, to: next))
                try store.save(next, .attachments, next.id)
            } catch {
                var undoing = CleanUp(after: error)
                undoing.attempt { _ = try filter.apply(changes(current.id, to: current)) }
                ports.release(next.boundPorts.filter { !current.boundPorts.contains($0) })
                throw undoing.failure ?? error
            }
            attachments[next.id] = next
            ports.release(current.boundPorts.filter { !next.boundPorts.contains($0) })
            forget(after: transaction)
            return ProviderNetworkPublish.Result(ports: next.boundPorts)
        }
    }

    func stats(_ request: ProviderNetworkStats) throws -> ProviderNetworkStats.Result {
        try translating {
            guard let attachment = attachments[request.attachmentId],
                let counters = try routes.link(named: attachment.device)?.statistics
            else { throw RPCError(.notFound, "no attachment \(request.attachmentId)") }
            // What the host receives is what the container sent.
            return ProviderNetworkStats.Result(
                rxBytes: Int64(clamping: counters.sentBytes), txBytes: Int64(clamping: counters.receivedBytes),
                rxPackets: Int64(clamping: counters.sentPackets), txPackets: Int64(clamping: counters.receivedPackets),
                dropped: Int64(clamping: counters.dropped))
        }
    }

    /// Makes or remakes an attachment. The table changes before packets can flow; an old place is closed before that.
    private func establish(
        _ request: ProviderNetworkAttach, _ network: Network, replacing current: Attachment?
    ) throws -> ProviderNetworkAttach.Result {
        var attachment = Attachment(
            request: request,
            device: current?.device
                ?? names.device(of: request.attachmentId) { name in
                    attachments.values.contains { $0.device == name }
                }, hardwareAddress: "", published: [])
        attachment.hardwareAddress = request.mac?.lowercased() ?? Self.hardwareAddress(of: attachment)
        attachment.published = try ports.publish(
            current?.published.map(\.request) ?? request.ports, keeping: current?.published ?? [],
            to: attachment.addresses)
        let device = ContainerDevice(attachment: attachment, network: network, routeTable: names.routeTable)
        do {
            if let current {
                try routes.deleteLink(named: current.device)
                ports.retarget(attachment.boundPorts, to: attachment.addresses)
            }
            try device.create(&routes)
            let transaction = try filter.apply(changes(attachment.id, to: attachment))
            try device.open(&routes)
            try store.save(attachment, .attachments, attachment.id)
            attachments[attachment.id] = attachment
            forget(after: transaction)
        } catch {
            undo(attachment)
            throw error
        }
        return result(attachment, network)
    }

    /// After a failure: what can be taken back is, the reason that travels is the first one.
    private func undo(_ attachment: Attachment) {
        attachments[attachment.id] = attachment
        var cleanUp = CleanUp()
        cleanUp.attempt { try close(attachment.id, attachment.device) }
        cleanUp.attempt { try routes.deleteLink(named: attachment.device) }
        if let failure = cleanUp.failure { context.log.warning("left of attachment \(attachment.id): \(failure)") }
    }

    /// Ends every path of an attachment: the device off, one transaction, then its connections, ports and record.
    func close(_ id: String, _ device: String) throws {
        var cleanUp = CleanUp()
        cleanUp.attempt { try ContainerDevice.close(device, &routes) }
        cleanUp.attempt { forget(after: try filter.apply(changes(id, to: nil))) }
        if let attachment = attachments[id] { ports.release(attachment.boundPorts) }
        attachments[id] = nil
        cleanUp.attempt { try store.remove(.attachments, id) }
        try cleanUp.finish()
    }

    private func refuseTakenAddresses(_ request: ProviderNetworkAttach) throws(RPCError) {
        let wanted = request.addresses.compactMap { IPPrefix($0)?.address }
        for other in attachments.values where other.id != request.attachmentId {
            guard let address = other.addresses.first(where: wanted.contains) else { continue }
            throw RPCError(.conflict, "Address already in use: attachment \(other.id) has \(address)")
        }
    }

    private func result(_ attachment: Attachment, _ network: Network) -> ProviderNetworkAttach.Result {
        let device = ContainerDevice(attachment: attachment, network: network, routeTable: names.routeTable)
        let families = attachment.addresses.map(\.family)
        return ProviderNetworkAttach.Result(
            interface: attachment.request.interface, mac: attachment.hardwareAddress,
            addresses: attachment.request.addresses.compactMap { IPPrefix($0)?.description },
            gateways: families.map { network.gateway($0).description },
            routes: families.flatMap { family in
                device.containerDestinations(family).map { destination in
                    ProviderNetworkAttach.Result.Route(
                        destination: destination.description, gateway: network.gateway(family).description)
                }
            },
            ports: attachment.boundPorts, state: ["device": .string(attachment.device)])
    }

    /// Docker's: 02:42 and the IPv4 address; without one, the last four octets of the IPv6 address.
    private static func hardwareAddress(of attachment: Attachment) -> String {
        let address = attachment.address(.ipv4) ?? attachment.addresses.first
        return HardwareAddress.text([0x02, 0x42] + (address?.bytes.suffix(4) ?? [0, 0, 0, 1]))
    }
}
