import JSONRPC
import KenterProtocol
import KenterState
import Logging
import Netlink
import Synchronization

/// Networks, their addresses, and the places of running containers on them.
final class NetworkService: Sendable {
    /// The name of the network that containers join when nothing else is said.
    static let defaultName = "bridge"
    /// Words that mean something else than a network somebody has made.
    static let predefinedNames: Set<String> = ["bridge", "host", "none", "default"]

    let store: StateStore
    let plugins: PluginHost
    let journal: EventJournal
    let configuration: EngineConfiguration
    let log: Logger
    let namespacePath: @Sendable (_ containerId: String) -> String
    /// Networks are made and removed one at a time: which subnets are free is decided by looking at all others.
    let gate = KeyedGate()
    /// Whether the provider has said that it keeps containers apart, by provider.
    private let isolation = Mutex<[String: Bool]>([:])

    init(
        store: StateStore, plugins: PluginHost, journal: EventJournal, configuration: EngineConfiguration, log: Logger,
        namespacePath: @escaping @Sendable (_ containerId: String) -> String
    ) {
        self.store = store
        self.plugins = plugins
        self.journal = journal
        self.configuration = configuration
        self.log = log
        self.namespacePath = namespacePath
    }

    // MARK: looking

    func list() throws -> [Network] {
        try store.read { transaction in
            try transaction.networks().filter(\.isShown).map { try Self.present($0, transaction) }
        }
    }

    func inspect(_ name: String) throws -> Network {
        try store.read { transaction in
            try Self.present(try Self.find(name, transaction), transaction)
        }
    }

    /// By name, id or unambiguous id prefix; Docker's text when there is none.
    static func find(_ name: String, _ transaction: Transaction) throws -> NetworkRecord {
        if let network = try transaction.network(named: name), network.isShown { return network }
        let matches = try transaction.networks().filter { $0.id.hasPrefix(name) && !name.isEmpty && $0.isShown }
        guard let network = matches.first, matches.count == 1 else {
            if name == defaultName { throw missingDefault }
            throw RPCError(.notFound, "network \(name) not found")
        }
        return network
    }

    private static var missingDefault: RPCError {
        RPCError(
            .unavailable,
            "there is no default network: the provider of networks has not been able to make it; see 'kenter plugin list' "
                + "and the engine's log, or choose another network with --network")
    }

    private static func present(_ record: NetworkRecord, _ transaction: Transaction) throws -> Network {
        let members = try transaction.attachments(onNetwork: record.id).map { attachment in
            Network.Member(
                container: attachment.containerId,
                name: try transaction.container(id: attachment.containerId)?.name ?? "",
                ipv4: attachment.addresses.ipv4, ipv6: attachment.addresses.ipv6)
        }.sorted { $0.name < $1.name }
        let spec = record.spec
        return Network(
            id: record.id, name: record.name, provider: record.provider, createdAt: record.createdAt.description,
            subnet: spec.subnet, gateway: record.gateways.first, ipv6Subnet: spec.ipv6Subnet,
            isInternal: spec.internal ?? false, isIsolated: spec.isolated ?? false, mtu: spec.mtu,
            hostPorts: spec.hostPorts ?? [], options: spec.options ?? [:], labels: record.labels, members: members)
    }

    // MARK: isolation

    /// Asked once for each life of a provider, and again while it says no.
    func checkIsolation(of provider: String) async throws {
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

extension NetworkRecord {
    /// Where its members get addresses, IPv4 first.
    var subnets: [IPPrefix] { [spec.subnet, spec.ipv6Subnet].compactMap { $0.flatMap { IPPrefix($0) } } }

    /// Whether its name is anybody's business: one that is being made, or taken back, is not there for anybody.
    var isShown: Bool { isProvisional != true }

    /// Whether it is to be gone.
    var isLeaving: Bool { isRemoving || isProvisional == true }

    var isInternal: Bool { spec.internal ?? false }

    /// Whether its members know each other by name: on the default network and on isolated ones only links give names.
    var givesNames: Bool { name != NetworkService.defaultName && spec.isolated != true }
}
