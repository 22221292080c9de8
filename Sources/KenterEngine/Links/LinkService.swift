import JSONRPC
import KenterProtocol
import KenterState
import Logging

/// Links: what containers see of each other, from create to removal.
///
/// What a link does follows from the state of its two ends and from its provider's plan, which is made anew whenever an
/// end changes. What differs from what was applied before is applied: to the consumer's hosts file, to its link files,
/// and to the path between the ends. Calls to plugins are made without holding anything; afterwards the state is read
/// again, and a plan that is out of date by then is made once more.
actor LinkService {
    let store: StateStore
    let planner: LinkPlanner
    let paths: LinkPaths
    let journal: EventJournal
    let directories: EngineDirectories
    let log: Logger
    let plugins: PluginHost
    /// Consumers between ``begin(_:)`` and the end of their start, with the links they were given. Their hosts files are
    /// not there yet, so changes wait.
    var starting: [String: [LinkState]] = [:]
    /// The same consumers, with the lines of other members of their networks that they were given, by attachment.
    var startingNames: [String: [String: [LinkHostsEntry]]] = [:]
    /// What providers with effects are to act on, until they have: the newest plan of each link.
    var wanted: [String: LinkPlan] = [:]
    /// Acting and undoing, one at a time for each link.
    let acting = KeyedGate()
    var actingAgain: Task<Void, Never>?
    var actingDelay = shortestActingDelay
    static let shortestActingDelay = Duration.seconds(1)
    static let longestActingDelay = Duration.seconds(60)
    /// How often something is planned again because its ends have changed meanwhile.
    static let attempts = 8
    /// How long a link provider that is being started again is waited for where a link is there already.
    static let patience = Duration.seconds(5)

    init(store: StateStore, plugins: PluginHost, journal: EventJournal, directories: EngineDirectories, log: Logger) {
        self.store = store
        self.plugins = plugins
        self.journal = journal
        self.directories = directories
        self.log = log
        planner = LinkPlanner(plugins)
        paths = LinkPaths(store, plugins)
    }

    nonisolated func files(of containerId: String) -> LinkFiles {
        LinkFiles(directory: directories.links(containerId))
    }

    // MARK: create

    /// The links of a container that is about to be made, and what its creator should know of them (names of variables,
    /// never values). Everything is checked, options and plans included; nothing is written.
    ///
    /// Fails with `invalidParams` and the texts of ``LinkRefusal``, with what a provider refuses, with `conflict`, and
    /// with `unavailable` when there is no provider.
    nonisolated func resolve(
        _ specifications: [String], consumerId: String, network: NetworkMode, furtherNetworks: [String] = []
    ) async throws -> (links: [LinkRecord], warnings: [String]) {
        // Its name may not be chosen yet; no refusal depends on it.
        let shortID = String(consumerId.prefix(12))
        let consumer = LinkConsumer(
            id: consumerId, name: shortID, hostname: shortID, network: network, furtherNetworks: furtherNetworks)
        let planned = try await plan(try LinkSpecification.parse(specifications), consumer)
        return (planned.map(\.link), planned.flatMap(\.plan.warnings))
    }

    /// What links of a container that does not exist yet would be; see
    /// ``resolve(_:consumerId:network:furtherNetworks:)``.
    nonisolated func plan(_ specifications: [LinkSpecification], _ consumer: LinkConsumer) async throws -> [PlannedLink]
    {
        if specifications.isEmpty { return [] }
        try LinkResolution.check(consumerNetwork: consumer.network)
        let sources = try store.read { transaction in
            try specifications.map { try Self.source(of: $0, consumer, transaction) }
        }
        var planned: [PlannedLink] = []
        for (position, (specification, source)) in zip(specifications, sources).enumerated() {
            let provider = try await plugins.provider(.link, named: specification.provider).name
            let link = try Self.record(specification, consumer.id, source.found, provider, position: position)
            let request = LinkState.request(link, consumer, nil, source.found?.container, source.attachment)
            planned.append(try await plan(link, source.found?.container, request))
        }
        _ = try LinkVariables.merged(planned.map { ($0.link.alias, $0.plan) }, consumer: consumer.name)
        return planned
    }

    private typealias Source = (found: LinkResolution.Source?, attachment: AttachmentRecord?)

    private static func source(
        of specification: LinkSpecification, _ consumer: LinkConsumer, _ transaction: Transaction
    ) throws -> Source {
        let source = try LinkResolution.source(of: specification, consumer: consumer, in: transaction)
        guard let source, case .network(let first) = consumer.network else { return (source, nil) }
        for id in [first] + consumer.furtherNetworks {
            if let shared = try transaction.attachment(ofContainer: source.container.id, onNetwork: id) {
                return (source, shared)
            }
        }
        return (source, nil)
    }

    /// A link that is stored nowhere yet.
    static func record(
        _ specification: LinkSpecification, _ consumerId: String, _ source: LinkResolution.Source?, _ provider: String,
        position: Int
    ) throws -> LinkRecord {
        var link = LinkRecord(
            id: Identifier.hex(digits: 16), consumerId: consumerId, position: position, alias: specification.alias,
            sourceId: nil, sourceName: specification.source, provider: provider, options: specification.options,
            rebindsByName: specification.rebindsByName, wait: try specification.linkWait(source?.container))
        if let source { link.lead(to: source.container, named: source.named) }
        return link
    }

    /// The plan of one such link. While its source has no address, a text stands for it.
    nonisolated func plan(
        _ link: LinkRecord, _ source: ContainerRecord?, _ request: ProviderLinkPlan
    ) async throws -> PlannedLink {
        let stand = UnknownAddress(of: request)
        let plan = try await planner.plan(stand.filledIn(request), provider: link.provider)
        return PlannedLink(link: link, source: source, plan: stand.named(plan))
    }

    /// Adds the events of new links, in the transaction that has stored them with their consumer.
    nonisolated func recordCreation(of links: [LinkRecord], _ transaction: Transaction) throws {
        for link in links {
            let consumer = try transaction.container(id: link.consumerId)?.name ?? link.consumerId
            try Self.append("link.created", link, consumer: consumer, transaction)
        }
    }

    /// Adds the events of links that go with their consumer, in the transaction that deletes it.
    nonisolated func recordRemoval(of links: [LinkRecord], consumer: String, _ transaction: Transaction) throws {
        for link in links { try Self.append("link.removed", link, consumer: consumer, transaction) }
    }

    static func append(
        _ event: String, _ link: LinkRecord, consumer: String, _ transaction: Transaction
    ) throws {
        _ = try transaction.append(
            event: event, id: link.id, name: "\(consumer)/\(link.alias)",
            attributes: ["consumer": link.consumerId, "source": link.sourceId ?? link.sourceName])
    }
}
