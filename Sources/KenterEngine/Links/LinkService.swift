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
    private let plugins: PluginHost
    /// Consumers between ``begin(_:)`` and the end of their start, with the links they were given. Their hosts files are
    /// not there yet, so changes wait.
    var starting: [String: [LinkState]] = [:]
    /// How often something is planned again because its ends have changed meanwhile.
    static let attempts = 8

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
        _ specifications: [String], consumerId: String, network: NetworkMode
    ) async throws -> (links: [LinkRecord], warnings: [String]) {
        let specifications = try LinkSpecification.parse(specifications)
        if specifications.isEmpty { return ([], []) }
        // Its name may not be chosen yet; no refusal depends on it.
        let shortID = String(consumerId.prefix(12))
        let consumer = LinkConsumer(id: consumerId, name: shortID, hostname: shortID, network: network)
        try LinkResolution.check(consumerNetwork: network)
        let sources = try store.read { transaction in
            try specifications.map { try Self.source(of: $0, consumer, transaction) }
        }
        var links: [LinkRecord] = []
        var plans: [(alias: String, plan: LinkPlan)] = []
        for (position, (specification, source)) in zip(specifications, sources).enumerated() {
            let provider = try await plugins.provider(.link, named: specification.provider).name
            let link = LinkRecord(
                id: Identifier.hex(digits: 16), consumerId: consumerId, position: position,
                alias: specification.alias, sourceId: source.container?.id,
                sourceName: source.container?.name ?? specification.source, provider: provider,
                options: specification.options, rebindsByName: specification.rebindsByName)
            let request = LinkState.request(link, consumer, nil, source.container, source.attachment)
            plans.append((link.alias, try await planner.plan(request, provider: provider)))
            links.append(link)
        }
        _ = try LinkVariables.merged(plans, consumer: consumer.name)
        return (links, plans.flatMap(\.plan.warnings))
    }

    private typealias Source = (container: ContainerRecord?, attachment: AttachmentRecord?)

    private static func source(
        of specification: LinkSpecification, _ consumer: LinkConsumer, _ transaction: Transaction
    ) throws -> Source {
        if let wait = specification.wait {
            throw RPCError(
                .unsupported, "the link option wait=\(wait.rawValue) is not offered by this engine: leave it out")
        }
        let source = try LinkResolution.source(of: specification, consumer: consumer, in: transaction)
        return (source, try source.flatMap { try transaction.attachment(ofContainer: $0.id) })
    }

    /// Adds the events of new links, in the transaction that has stored them with their consumer.
    nonisolated func recordCreation(of links: [LinkRecord], _ transaction: Transaction) throws {
        for link in links {
            let consumer = try transaction.container(id: link.consumerId)?.name ?? link.consumerId
            try Self.append("link.created", link, consumer: consumer, transaction)
        }
    }

    static func append(
        _ event: String, _ link: LinkRecord, consumer: String, _ transaction: Transaction
    ) throws {
        _ = try transaction.append(
            event: event, id: link.id, name: "\(consumer)/\(link.alias)",
            attributes: ["consumer": link.consumerId, "source": link.sourceId ?? link.sourceName])
    }
}
