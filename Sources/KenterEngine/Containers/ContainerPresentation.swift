import JSONRPC
import KenterProtocol
import KenterState

extension ContainerService {
    func list(_ params: ContainerList) throws -> ContainerList.Result {
        try store.read { transaction in
            let index = try LinkNameIndex(transaction)
            let page = try Page.of(
                try transaction.containers().filter { params.matches($0) }, params.limit, params.cursor, \.id)
            return ContainerList.Result(
                containers: try page.items.map { try Self.summary($0, index, transaction) }, next: page.next)
        }
    }

    func inspect(_ params: ContainerInspect) throws -> Container {
        try store.read { transaction in
            let container = try ContainerLookup(transaction).container(params.container)
            return try describe(container, transaction)
        }
    }

    private static func summary(
        _ container: ContainerRecord, _ index: LinkNameIndex, _ transaction: Transaction
    ) throws -> ContainerSummary {
        ContainerSummary(
            id: container.id, name: container.name, names: index.names(of: container),
            image: container.definition.image,
            command: container.definition.config.entrypoint + container.definition.config.command,
            state: container.state.status, status: StatusText.text(container.state, now: .now),
            health: container.state.isRunning ? container.state.health?.status : nil,
            createdAt: container.createdAt.description, ports: try ports(of: container, transaction),
            links: index.aliases(of: container.id), labels: container.definition.config.labels)
    }

    /// Published ports as bound, then exposed ones that are not published, by number.
    private static func ports(of container: ContainerRecord, _ transaction: Transaction) throws -> [Port] {
        guard container.state.isRunning else { return [] }
        let bound = try transaction.attachments(ofContainer: container.id).flatMap(\.ports)
        let published = Set(bound.map { "\($0.containerPort)/\($0.protocol.rawValue)" })
        let exposed = container.definition.config.exposedPorts.filter { !published.contains($0) }.compactMap {
            text -> Port? in
            let parts = text.split(separator: "/")
            guard parts.count == 2, let number = UInt16(parts[0]),
                let transport = Port.TransportProtocol(rawValue: String(parts[1]))
            else { return nil }
            return Port(containerPort: number, protocol: transport)
        }
        return (bound + exposed).enumerated().sorted { left, right in
            let keys = [left, right].map { ($0.element.containerPort, $0.element.protocol.rawValue, $0.offset) }
            return keys[0] < keys[1]
        }.map(\.element)
    }

    private func describe(_ container: ContainerRecord, _ transaction: Transaction) throws -> Container {
        let definition = container.definition
        let index = try LinkNameIndex(transaction)
        return Container(
            id: container.id, name: container.name, names: index.names(of: container), image: definition.image,
            imageId: definition.imageId, createdAt: container.createdAt.description, config: definition.config,
            state: Self.state(container.state), networkMode: try networkMode(definition.network, transaction),
            networks: try networks(of: container, transaction), publish: definition.publishAsGiven,
            ports: try Self.ports(of: container, transaction), links: index.links(of: container),
            mounts: definition.mounts.map { mount in
                Container.Mount(
                    type: mount.type, name: mount.volumeName, source: mount.source, target: mount.target,
                    readOnly: mount.readOnly)
            },
            restart: definition.restart, resources: definition.resources, hostsPath: directories.hosts(container.id),
            logPath: runtime.log(of: container.id))
    }

    private static func state(_ state: ContainerState) -> Container.State {
        Container.State(
            status: state.status, pid: state.pid.map(Int.init), exitCode: state.exitCode.map(Int.init),
            startedAt: state.startedAt?.description, finishedAt: state.finishedAt?.description,
            health: state.health, reason: state.waitsFor.map { "waiting for \($0)" } ?? state.reason,
            oomKilled: state.oomKilled, restartCount: state.restartCount)
    }

    private func networkMode(_ mode: NetworkMode, _ transaction: Transaction) throws -> String {
        switch mode {
        case .network(let id): try transaction.network(id: id)?.name ?? id
        case .host: "host"
        case .none: "none"
        case .container(let id): "container:\(id)"
        }
    }

    private func networks(
        of container: ContainerRecord, _ transaction: Transaction
    ) throws -> [String: Container.Network] {
        var networks: [String: Container.Network] = [:]
        for membership in try transaction.memberships(ofContainer: container.id) {
            let id = membership.networkId
            guard let name = try transaction.network(id: id)?.name else { continue }
            let attachment = try transaction.attachment(ofContainer: container.id, onNetwork: id)
            networks[name] = Container.Network(
                ipv4: attachment?.addresses.ipv4, ipv6: attachment?.addresses.ipv6, mac: attachment?.mac,
                gateway: attachment?.gateway, interface: attachment?.interface, aliases: membership.aliases)
        }
        return networks
    }
}

extension ContainerList {
    func matches(_ container: ContainerRecord) -> Bool {
        let isActive =
            container.state.isRunning || container.state.status == .restarting || container.state.waitsFor != nil
        guard all == true || isActive else { return false }
        if let names,
            !names.contains(where: { container.name.contains($0.hasPrefix("/") ? String($0.dropFirst()) : $0) })
        {
            return false
        }
        return (labels ?? []).allSatisfy { label in
            let parts = label.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let value = container.definition.config.labels[parts[0]]
            return parts.count == 1 ? value != nil : value == parts[1]
        }
    }
}

/// The names that links give to containers.
struct LinkNameIndex {
    private var namesBySource: [String: [String]] = [:]
    private var linksByConsumer: [String: [(alias: String, source: String)]] = [:]

    init(_ transaction: Transaction) throws {
        let links = try transaction.links()
        var names: [String: String] = [:]
        for id in Set(links.flatMap { [$0.consumerId, $0.sourceId].compactMap { $0 } }) {
            names[id] = try transaction.container(id: id)?.name
        }
        for link in links {
            guard let consumer = names[link.consumerId] else { continue }
            let source = link.sourceId.flatMap { names[$0] } ?? link.sourceName
            linksByConsumer[link.consumerId, default: []].append((link.alias, source))
            if let sourceId = link.sourceId {
                namesBySource[sourceId, default: []].append("/\(consumer)/\(link.alias)")
            }
        }
    }

    /// Its own name first, then those that links give it.
    func names(of container: ContainerRecord) -> [String] {
        ["/\(container.name)"] + (namesBySource[container.id] ?? []).sorted()
    }

    func aliases(of id: String) -> [String] { (linksByConsumer[id] ?? []).map(\.alias) }

    /// `/source:/consumer/alias`, in the order given.
    func links(of container: ContainerRecord) -> [String] {
        (linksByConsumer[container.id] ?? []).map { "/\($0.source):/\(container.name)/\($0.alias)" }
    }
}
