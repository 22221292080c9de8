import JSONRPC
import KenterProtocol
import KenterState

/// The container that links are made for; it need not exist yet.
struct LinkConsumer: Sendable {
    var id: String
    var name: String
    var hostname: String
    var network: NetworkMode

    init(id: String, name: String, hostname: String, network: NetworkMode) {
        self.id = id
        self.name = name
        self.hostname = hostname
        self.network = network
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

    /// The source of a link; `nil` where the consumer's network lets a link wait for its source.
    static func source(
        of specification: LinkSpecification, consumer: LinkConsumer, in transaction: Transaction
    ) throws -> ContainerRecord? {
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
        return source
    }

    /// Refuses to start a consumer whose links cannot work now.
    ///
    /// - Parameter together: Ids of the containers that start with it: they count as running.
    static func checkStartable(
        _ consumer: ContainerRecord, together: Set<String>, in transaction: Transaction
    ) throws {
        for link in try transaction.links(ofConsumer: consumer.id) {
            try LinkResolution.check(consumerNetwork: consumer.definition.network)
            let source = try transaction.source(of: link)
            let attachment = try source.flatMap { try transaction.attachment(ofContainer: $0.id) }
            let isRunning = source.map {
                $0.state.isRunning || attachment?.isAttached == true || together.contains($0.id)
            }
            guard let source, isRunning == true else {
                if try !isOnDefaultNetwork(consumer.definition.network, transaction) { continue }
                throw LinkRefusal.notRunning(
                    source: source?.name ?? link.sourceName, consumer: consumer.name, alias: link.alias)
            }
            guard source.definition.network == consumer.definition.network else {
                throw LinkRefusal.otherNetwork(source: source.name)
            }
        }
    }

    private static func isOnDefaultNetwork(_ mode: NetworkMode, _ transaction: Transaction) throws -> Bool {
        guard case .network(let id) = mode else { return false }
        return try transaction.network(id: id)?.name == NetworkService.defaultName
    }
}
