import JSONRPC
import KenterProtocol
import KenterState
import Logging
import Synchronization

/// Networks, their addresses, and the places of running containers on them.
final class NetworkService: Sendable {
    /// The name of the network that containers join when nothing else is said.
    static let defaultName = "bridge"

    private let store: StateStore
    private let plugins: PluginHost
    private let configuration: EngineConfiguration
    private let log: Logger
    /// Whether the provider has said that it keeps containers apart, by provider.
    private let isolation = Mutex<[String: Bool]>([:])

    private let namespacePath: @Sendable (_ containerId: String) -> String

    init(
        store: StateStore, plugins: PluginHost, configuration: EngineConfiguration, log: Logger,
        namespacePath: @escaping @Sendable (_ containerId: String) -> String
    ) {
        self.namespacePath = namespacePath
        self.store = store
        self.plugins = plugins
        self.configuration = configuration
        self.log = log
    }

    // MARK: networks

    /// Makes the default network where it does not exist yet, and brings its provider to know it.
    func prepareDefaultNetwork() async throws {
        if let network = try store.read({ try $0.network(named: Self.defaultName) }) {
            try await ensure(network)
            return
        }
        let provider = try await plugins.provider(.network)
        let spec = NetworkSpecification(
            subnet: try chooseSubnet().description, ipv6Subnet: configuration.bridge.ipv6Subnet,
            isolated: !configuration.bridge.icc)
        let validated = try await plugins.call(
            ProviderNetworkValidate(spec: spec), role: .network, provider: provider.name)
        let network = NetworkRecord(
            id: Identifier.hex(digits: 64), name: Self.defaultName, provider: provider.name, spec: validated.spec,
            createdAt: .now)
        try store.write { try $0.save(network) }
        try await ensure(network)
    }

    /// Tells the provider of a network that exists in state; the same answer however often.
    func ensure(_ network: NetworkRecord) async throws {
        let result = try await plugins.call(
            ProviderNetworkCreate(networkId: network.id, networkName: network.name, spec: network.spec),
            role: .network, provider: network.provider)
        var network = network
        network.providerState = result.state
        network.gateways = result.gateways
        try store.write { try $0.save(network) }
    }

    /// Docker's range, or the first of its siblings that the host does not use.
    private func chooseSubnet() throws -> IPv4Subnet {
        let taken = HostRoutes.subnets()
        if let text = configuration.bridge.subnet {
            guard let subnet = IPv4Subnet(text) else {
                throw RPCError(.invalidParams, "bridge.subnet: '\(text)' is no subnet such as 172.17.0.0/16")
            }
            if let other = taken.first(where: subnet.overlaps) {
                throw RPCError(.conflict, "bridge.subnet \(subnet) overlaps the host's route to \(other)")
            }
            return subnet
        }
        for second in UInt32(17)...31 {
            let subnet = IPv4Subnet(base: 172 << 24 | second << 16, prefixLength: 16)
            guard taken.contains(where: subnet.overlaps) else {
                if second != 17 {
                    log.warning("172.17.0.0/16 is in use on this host", metadata: ["chosen": "\(subnet)"])
                }
                return subnet
            }
        }
        throw RPCError(
            .exhausted, "the host uses all of 172.17.0.0/16 to 172.31.0.0/16; set bridge.subnet in config.json")
    }

    func list() throws -> [Network] {
        try store.read { transaction in try transaction.networks().map { try Self.present($0, transaction) } }
    }

    func inspect(_ name: String) throws -> Network {
        try store.read { transaction in
            try Self.present(try Self.find(name, transaction), transaction)
        }
    }

    /// By name, id or unambiguous id prefix; Docker's text when there is none.
    static func find(_ name: String, _ transaction: Transaction) throws -> NetworkRecord {
        if let network = try transaction.network(named: name) { return network }
        let matches = try transaction.networks().filter { $0.id.hasPrefix(name) && !name.isEmpty }
        guard let network = matches.first, matches.count == 1 else {
            throw RPCError(.notFound, "network \(name) not found")
        }
        return network
    }

    private static func present(_ record: NetworkRecord, _ transaction: Transaction) throws -> Network {
        let members = try transaction.attachments(onNetwork: record.id).map { attachment in
            Network.Member(
                container: attachment.containerId,
                name: try transaction.container(id: attachment.containerId)?.name ?? "",
                ipv4: attachment.addresses.ipv4, ipv6: attachment.addresses.ipv6)
        }
        return Network(
            id: record.id, name: record.name, provider: record.provider, createdAt: record.createdAt.description,
            subnet: record.spec.subnet, gateway: record.gateways.first, ipv6Subnet: record.spec.ipv6Subnet,
            isInternal: record.spec.internal ?? false, isIsolated: record.spec.isolated ?? false, members: members)
    }

    // MARK: attachments

    /// Gives a container its address and connects its namespace; nothing remains of it after an error.
    func attach(_ container: ContainerRecord, networkId: String, namespacePath: String) async throws -> AttachmentRecord
    {
        let (network, attachment) = try store.write { transaction in
            try Self.reserve(container, networkId, transaction)
        }
        do {
            try await checkIsolation(of: network.provider)
            return try await connect(container, attachment, network, namespacePath)
        } catch {
            await detach(attachment, namespacePath: namespacePath)
            throw error
        }
    }

    /// The intent: an address and an attachment that the provider has not confirmed yet.
    private static func reserve(
        _ container: ContainerRecord, _ networkId: String, _ transaction: Transaction
    ) throws -> (NetworkRecord, AttachmentRecord) {
        guard let network = try transaction.network(id: networkId),
            let subnet = network.spec.subnet.flatMap(IPv4Subnet.init)
        else { throw RPCError(.notFound, "network \(networkId) not found") }
        let pool = AddressPool(
            subnet: subnet, gateways: network.gateways.compactMap(IPv4Address.number),
            records: try transaction.addresses(onNetwork: networkId))
        let requested = container.definition.requestedAddress.flatMap(IPv4Address.number)
        let address = try pool.address(forContainer: container.id, requested: requested)
        try transaction.take(address: address, onNetwork: networkId, forContainer: container.id)
        // One that an earlier failure has left behind; the provider drops what the engine does not name.
        if let stale = try transaction.attachment(ofContainer: container.id) {
            try transaction.deleteAttachment(id: stale.id)
        }
        let attachment = AttachmentRecord(
            id: Identifier.hex(digits: 16), containerId: container.id, networkId: networkId,
            addresses: ContainerAddresses(ipv4: IPv4Address.text(address)), prefixLength: subnet.prefixLength)
        try transaction.save(attachment)
        return (network, attachment)
    }

    private func connect(
        _ container: ContainerRecord, _ attachment: AttachmentRecord, _ network: NetworkRecord, _ namespacePath: String
    ) async throws -> AttachmentRecord {
        let address = attachment.addresses.ipv4 ?? ""
        let result = try await attach(choosing: PublishRecord.all(of: container.definition)) { ports in
            ProviderNetworkAttach(
                attachmentId: attachment.id, networkId: network.id, networkState: network.providerState ?? JSONObject(),
                netns: namespacePath, interface: "eth0", addresses: ["\(address)/\(attachment.prefixLength)"],
                hostname: container.definition.config.hostname, ports: ports,
                hostPorts: container.definition.hostPorts)
        } call: {
            try await self.plugins.call($0, role: .network, provider: network.provider)
        }
        var attachment = attachment
        attachment.ports = result.ports
        attachment.mac = result.mac
        attachment.gateway = result.gateways.first
        attachment.providerState = result.state
        try store.write { try $0.save(attachment) }
        return attachment
    }

    /// Tries host ports of a range one after another; a single one is taken or refused.
    private func attach(
        choosing records: [PublishRecord], _ request: ([Port]) -> ProviderNetworkAttach,
        call: (ProviderNetworkAttach) async throws -> ProviderNetworkAttach.Result
    ) async throws -> ProviderNetworkAttach.Result {
        var offsets = [UInt16](repeating: 0, count: records.count)
        while true {
            let ports = zip(records, offsets).map { $0.port(offset: $1) }
            do {
                return try await call(request(ports))
            } catch let error as RPCError where error.kind == .conflict {
                // The refused port is named in the text; move that range on, if there is one.
                let index = records.indices.first { index in
                    records[index].canMove(offsets[index])
                        && error.message.contains(":\(ports[index].hostPort.map(String.init) ?? "-") ")
                }
                guard let index else { throw error }
                offsets[index] += 1
            }
        }
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
            let request = ProviderNetworkAttach(
                attachmentId: attachment.id, networkId: network.id, networkState: network.providerState ?? JSONObject(),
                netns: namespacePath(container.id), interface: "eth0",
                addresses: ["\(attachment.addresses.ipv4 ?? "")/\(attachment.prefixLength)"], mac: attachment.mac,
                hostname: container.definition.config.hostname, ports: attachment.ports,
                hostPorts: container.definition.hostPorts)
            _ = try await plugins.call(request, role: .network, provider: network.provider)
        } catch {
            log.error(
                "cannot attach a container again",
                metadata: ["container": "\(attachment.containerId)", "error": "\(error)"])
        }
    }

    /// Closes every path of an attachment and frees its address; the engine forgets it even when the provider fails,
    /// which cleans up at its next start.
    func detach(_ attachment: AttachmentRecord, namespacePath: String?) async {
        await shielded { await self.close(attachment, namespacePath: namespacePath) }
    }

    private func close(_ attachment: AttachmentRecord, namespacePath: String?) async {
        do {
            let provider = try store.read { try $0.network(id: attachment.networkId)?.provider }
            _ = try await plugins.call(
                ProviderNetworkDetach(
                    attachmentId: attachment.id, networkId: attachment.networkId, netns: namespacePath,
                    state: attachment.providerState),
                role: .network, provider: provider)
        } catch {
            log.error("detach failed", metadata: ["container": "\(attachment.containerId)", "error": "\(error)"])
        }
        do {
            try store.write { transaction in
                try transaction.deleteAttachment(id: attachment.id)
                try transaction.releaseAddresses(ofContainer: attachment.containerId, at: .now)
            }
        } catch {
            log.error("cannot forget an attachment", metadata: ["id": "\(attachment.id)", "error": "\(error)"])
        }
    }

    // MARK: isolation

    /// Asked once for each life of a provider, and again while it says no.
    private func checkIsolation(of provider: String) async throws {
        if isolation.withLock({ $0[provider] }) == true { return }
        let check = try await plugins.call(ProviderNetworkCheck(), role: .network, provider: provider)
        guard check.isolated, check.failClosed else {
            throw RPCError(
                .unavailable,
                "no container can start: the network provider '\(provider)' cannot keep containers apart on this host")
        }
        for block in check.foreignBlocks {
            log.warning(
                "another program's firewall drops packets of published ports",
                metadata: ["table": "\(block.table)", "remedy": "\(block.remedy)"])
        }
        isolation.withLock { $0[provider] = true }
    }

    /// The provider has started anew.
    func providerStarted(_ provider: String) { isolation.withLock { $0[provider] = nil } }

    /// What stands in the way of published ports on this host, for `engine.info`.
    func foreignBlocks() async -> [String] {
        do {
            let check = try await plugins.call(ProviderNetworkCheck(), role: .network, timeout: .seconds(2))
            return check.foreignBlocks.map {
                "the firewall table \($0.table) drops packets of published ports; to let them pass: \($0.remedy)"
            }
        } catch {
            return ["the network provider does not answer: \(error)"]
        }
    }
}

extension PublishRecord {
    /// What a container publishes: what it asked for, and every other exposed port with `publishAll`.
    static func all(of definition: ContainerDefinition) -> [PublishRecord] {
        guard definition.publishesAll else { return definition.publish }
        let published = Set(definition.publish.map { "\($0.containerPort)/\($0.transport.rawValue)" })
        return definition.publish
            + definition.config.exposedPorts.filter { !published.contains($0) }.compactMap { text in
                let parts = text.split(separator: "/")
                guard parts.count == 2, let number = UInt16(parts[0]),
                    let transport = Port.TransportProtocol(rawValue: String(parts[1]))
                else { return nil }
                return PublishRecord(containerPort: number, transport: transport)
            }
    }

    func port(offset: UInt16) -> Port {
        Port(
            hostAddress: hostAddress, hostPort: hostPorts.map { $0[0] + offset }, containerPort: containerPort,
            protocol: transport)
    }

    func canMove(_ offset: UInt16) -> Bool {
        guard let hostPorts, hostPorts.count == 2 else { return false }
        return hostPorts[0] + offset < hostPorts[1]
    }
}
