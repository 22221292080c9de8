import JSONRPC
import KenterPluginKit
import KenterProtocol
import Netlink
import Threads

/// The network provider: a routed veth for each container, one nftables table for each root of an engine.
///
/// What is wanted is decided by pure functions of the records (``ElementLedger``, ``StaleConnections``); this actor
/// carries it out, one change at a time, and keeps the records on disk.
actor RoutedNetworks: NetworkProvider {
    let names: HostNames
    let context: PluginContext
    let store: StateStore
    var networks: [String: Network] = [:]
    var attachments: [String: Attachment] = [:]
    var links: [String: LinkRecord] = [:]
    /// Attachment → links that it is an end of.
    var linksOfAttachment: [String: Set<String>] = [:]
    var ports = HostPorts(relay: PortRelay())
    var filter: PacketFilter
    var routes: RouteSocket
    var connections: ConntrackSocket
    /// Addresses whose last owner's connections the kernel would not forget: nobody gets them before it has.
    var unforgotten: Set<IPAddress> = []

    /// Reads the records of an earlier life; touches nothing of the host yet.
    init(_ context: PluginContext) throws {
        guard let names = HostNames(instance: context.instance) else {
            throw RPCError(.invalidParams, "instance: '\(context.instance)' is not four lower-case hexadecimal digits")
        }
        self.names = names
        self.context = context
        store = try StateStore(directory: context.stateDirectory)
        do {
            filter = try PacketFilter(names: names)
            routes = try RouteSocket()
            connections = try ConntrackSocket()
        } catch { throw RPCError(.unsupported, "networks need root and nftables: \(error)") }
        for request in try store.load(ProviderNetworkCreate.self, .networks, warn: context.log.warning) {
            do throws(RPCError) {
                networks[request.networkId] = try Network(
                    id: request.networkId, name: request.networkName, spec: request.spec)
            } catch { context.log.warning("dropped network \(request.networkName): \(error)") }
        }
        for attachment in try store.load(Attachment.self, .attachments, warn: context.log.warning) {
            attachments[attachment.id] = attachment
        }
        for link in try store.load(LinkRecord.self, .links, warn: context.log.warning) {
            links[link.id] = link
            for end in link.ends { linksOfAttachment[end, default: []].insert(link.id) }
        }
    }

    /// Brings the host in line with the records: settings, held ports, and the table as one transaction.
    ///
    /// Returns what the administrator should know.
    func restore() throws -> [String] {
        try translating {
            var warnings: [String] = []
            for attachment in attachments.values {
                warnings += ports.restore(attachment.boundPorts, to: attachment.addresses)
            }
            _ = try filter.apply(allElements)
            guard !networks.isEmpty else { return warnings }
            warnings += try HostSettings(names: names).apply(networks.values, &routes)
            try filter.install()
            return warnings
        }
    }

    /// Puts the table back when something of it is missing.
    func restoreTable() {
        let text = "the table inet \(names.filterTable) was changed by somebody else"
        do {
            guard filter.isInstalled, try !filter.isWhole() else { return }
            try filter.install()
            context.log.warning("\(text); it is installed again")
            context.emit(
                PluginEvent(kind: "network.restored", id: "", attributes: ["table": "inet \(names.filterTable)"]))
        } catch {
            context.log.error("\(text) and cannot be installed again: \(error)")
        }
    }

    func status() -> PluginStatus.Result {
        do {
            if try filter.isWhole() { return PluginStatus.Result(healthy: true) }
            return PluginStatus.Result(healthy: false, detail: "the table inet \(names.filterTable) is not whole")
        } catch {
            return PluginStatus.Result(healthy: false, detail: "\(error)")
        }
    }

    // MARK: what is shared by the verbs

    private var allElements: ElementLedger.Changes {
        var changes: ElementLedger.Changes = [:]
        for network in networks.values { changes[.network(network.id)] = network.elements }
        for attachment in attachments.values {
            guard let network = networks[attachment.request.networkId] else { continue }
            changes[.attachment(attachment.id)] = attachment.elements(in: network)
        }
        for link in links.values { changes[.link(link.id)] = elements(of: link) }
        return changes
    }

    func elements(of link: LinkRecord) -> [Element] {
        link.elements(from: attachments[link.rules.from], to: attachments[link.rules.to])
    }

    /// What an attachment and every link that names it want, when it is as given; `nil` is: not attached.
    func changes(_ id: String, to attachment: Attachment?) -> ElementLedger.Changes {
        var changes: ElementLedger.Changes = [.attachment(id): []]
        if let attachment, let network = networks[attachment.request.networkId] {
            changes[.attachment(id)] = attachment.elements(in: network)
        }
        for linkId in linksOfAttachment[id] ?? [] {
            guard let link = links[linkId] else { continue }
            func end(_ name: String) -> Attachment? { name == id ? attachment : attachments[name] }
            changes[.link(linkId)] = link.elements(from: end(link.rules.from), to: end(link.rules.to))
        }
        return changes
    }

    /// Forgets the connections that a transaction, already made, has left behind.
    func forget(after transaction: FilterTransaction) {
        let stale = StaleConnections(transaction)
        for family in stale.families {
            do {
                try connections.delete(family, where: stale.contains)
            } catch {
                // Packets of these connections are refused all the same: each is checked against the table.
                context.log.warning("stale connections stay listed: \(error)")
                unforgotten.formUnion(stale.addresses.filter { $0.family == family })
            }
        }
    }

    /// Makes sure that no connection of an earlier owner of these addresses lives.
    func forgetLastOwners(of addresses: [IPAddress]) throws(NetlinkError) {
        for address in addresses where unforgotten.contains(address) {
            try connections.delete(address.family) { $0.ends.contains(address) }
            unforgotten.remove(address)
        }
    }

    /// Runs a verb's work, with the kernel's errors as the engine knows them.
    func translating<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as NetlinkError { throw RPCError(error) }
    }
}

extension RPCError {
    init(_ error: NetlinkError) {
        let kind: Kind = [1, 13].contains(error.errno) ? .permission : .io
        self.init(kind, error.description)
    }
}
