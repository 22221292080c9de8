import JSONRPC
import KenterProtocol
import KenterState

/// The container that links are made for; it need not exist yet.
struct LinkConsumer: Sendable {
    var id: String
    var name: String
    var hostname: String
    var network: NetworkMode
    /// Ids of the networks that one which does not exist yet is to join besides.
    var furtherNetworks: [String]

    init(id: String, name: String, hostname: String, network: NetworkMode, furtherNetworks: [String] = []) {
        self.id = id
        self.name = name
        self.hostname = hostname
        self.network = network
        self.furtherNetworks = furtherNetworks
    }

    init(_ container: ContainerRecord) {
        self.init(
            id: container.id, name: container.name, hostname: container.definition.config.hostname,
            network: container.definition.network)
    }
}

/// Finds what link specifications mean, and refuses those that can never work.
enum LinkResolution {
    /// Refuses links of a consumer whose network has no place for them.
    static func check(consumerNetwork network: NetworkMode) throws(RPCError) {
        switch network {
        case .network: return
        case .host: throw LinkRefusal.hostNetwork
        case .container: throw LinkRefusal.containerNetwork
        case .none: throw LinkRefusal.noNetwork
        }
    }

    /// A link's source, and the container by which it was named: one that uses the source's network, or the source itself.
    struct Source: Sendable {
        var container: ContainerRecord
        var named: ContainerRecord
    }

    /// The source of a link; `nil` where the consumer's network lets a link wait for its source.
    static func source(
        of specification: LinkSpecification, consumer: LinkConsumer, in transaction: Transaction
    ) throws -> Source? {
        guard let found = try ContainerLookup(transaction).find(specification.source) else {
            if try isOnDefaultNetwork(consumer.network, transaction) || specification.source.contains("/") {
                throw LinkRefusal.noSuchContainer(specification.source)
            }
            return nil
        }
        guard let source = try transaction.networkOwner(of: found) else {
            throw LinkRefusal.noSuchContainer(specification.source)
        }
        if case .host = source.definition.network { throw LinkRefusal.hostNetwork }
        if source.id == consumer.id { throw LinkRefusal.toItself(consumer.name) }
        return Source(container: source, named: found)
    }

    /// Refuses to start a consumer whose links cannot work now.
    ///
    /// - Parameter together: Ids of the containers that start with it: they count as running.
    static func checkStartable(
        _ consumer: ContainerRecord, together: Set<String>, in transaction: Transaction
    ) throws {
        for link in try transaction.links(ofConsumer: consumer.id) {
            try checkStartable(link, of: consumer, together: together, in: transaction)
        }
    }

    /// The same for one of its links.
    static func checkStartable(
        _ link: LinkRecord, of consumer: ContainerRecord, together: Set<String>, in transaction: Transaction
    ) throws {
        try LinkResolution.check(consumerNetwork: consumer.definition.network)
        let source = try transaction.source(of: link)
        let attachments = try source.map { try transaction.attachments(ofContainer: $0.id) } ?? []
        let isRunning = source.map {
            $0.state.isRunning || attachments.contains(where: \.isAttached) || together.contains($0.id)
        }
        guard let source, isRunning == true else {
            if try !isOnDefaultNetwork(consumer.id, transaction) { return }
            throw LinkRefusal.notRunning(
                source: source?.name ?? link.sourceName, consumer: consumer.name, alias: link.alias)
        }
        guard try shareNetwork(source, consumer, transaction) else {
            throw LinkRefusal.otherNetwork(source: source.name)
        }
    }

    private static func shareNetwork(
        _ source: ContainerRecord, _ consumer: ContainerRecord, _ transaction: Transaction
    ) throws -> Bool {
        let networks = Set(try transaction.memberships(ofContainer: source.id).map(\.networkId))
        return try transaction.memberships(ofContainer: consumer.id).contains { networks.contains($0.networkId) }
    }

    /// Whether the first network of a container that exists is the default one.
    private static func isOnDefaultNetwork(_ container: String, _ transaction: Transaction) throws -> Bool {
        let first = try transaction.memberships(ofContainer: container).first
        return try first.map { try isOnDefaultNetwork(.network(id: $0.networkId), transaction) } ?? false
    }

    private static func isOnDefaultNetwork(_ mode: NetworkMode, _ transaction: Transaction) throws -> Bool {
        guard case .network(let id) = mode else { return false }
        return try transaction.network(id: id)?.name == NetworkService.defaultName
    }
}
