import JSONRPC
import KenterProtocol
import KenterState
import Synchronization

/// Opens and closes the private paths of links, through the provider of their network.
///
/// Rules name attachments; what they should be follows from the state alone. Since the state may change while a
/// provider works, it is read again after each call, until both agree.
final class LinkPaths: Sendable {
    private typealias Rules = ProviderNetworkRules.LinkRules

    /// A path that is open.
    private struct Opened {
        var networkId: String
        var rules: Rules
        var ends: Set<String>
    }

    private let store: StateStore
    private let plugins: PluginHost
    /// What is set, by link: the same again needs no call. Attachments never come back with the same id.
    private let opened = Mutex<[String: Opened]>([:])
    private static let attempts = 8

    init(_ store: StateStore, _ plugins: PluginHost) {
        self.store = store
        self.plugins = plugins
    }

    /// A link whose path is to be as it should; it may be gone by now.
    struct Subject: Sendable, Hashable {
        var linkId: String
        var consumerId: String
        var alias: String

        init(_ link: LinkRecord) {
            linkId = link.id
            consumerId = link.consumerId
            alias = link.alias
        }
    }

    /// What one network's provider is to do.
    private struct Order {
        var provider: String?
        var set: [Opened] = []
        var remove: [String] = []
        /// Of those to remove, the ones that are to be open elsewhere once they are closed here.
        var moved: Set<String> = []

        var setIDs: [String] { self.set.map(\.rules.linkId) }
    }

    /// The provider has lost everything that was set, or may have.
    func forget() { opened.withLock { $0 = [:] } }

    /// The network has closed every path of a container, with its attachment.
    func forget(container id: String) { opened.withLock { $0 = $0.filter { !$0.value.ends.contains(id) } } }

    /// Makes the paths of these links what the state says: open where both ends are there, closed otherwise.
    ///
    /// - Parameter closing: Links whose path is to be closed whatever the state says.
    ///
    /// Returns what went wrong, in sentences; paths that could not be opened are closed.
    func settle(_ subjects: [Subject], closing: Set<String> = []) async throws -> [String] {
        var problems: [String] = []
        var givenUp: Set<String> = []
        var closing = closing
        var closed: Set<String> = []
        for _ in 0..<Self.attempts {
            let (version, known) = (store.version, problems.count)
            var hasMoved = false
            let orders = try wanted(subjects, closing: closing, closed: closed)
                .filter { !givenUp.contains($0.key) }
            if orders.isEmpty { break }
            for (networkId, order) in orders.sorted(by: { $0.key < $1.key }) {
                do {
                    try await send(order, networkId)
                    closed.subtract(order.setIDs)
                    closed.formUnion(Set(order.remove).subtracting(order.moved))
                    hasMoved = hasMoved || !order.moved.isEmpty
                } catch {
                    problems.append("the paths of links could not be set: \(error)")
                    // Half of it may be done: what is not wholly open is closed with the next order.
                    closing.formUnion(order.setIDs)
                    if order.set.isEmpty { givenUp.insert(networkId) }
                }
            }
            // Nothing went wrong, nothing is to follow and nothing was written meanwhile: reading a thousand links again
            // would say the same.
            if problems.count == known, version == store.version, !hasMoved { break }
        }
        return problems
    }

    /// Has the providers of these networks forget the rules of links that are closed.
    func drop(_ links: [String], from networks: [String]) async throws {
        if links.isEmpty { return }
        for id in networks {
            guard let network = try store.read({ try $0.network(id: id) }) else { continue }
            try await send(Order(provider: network.provider, remove: links), id)
        }
    }

    private func send(_ order: Order, _ networkId: String) async throws {
        // Until the answer is there, nobody knows what is set.
        opened.withLock { opened in
            for id in order.setIDs { opened[id] = nil }
        }
        _ = try await plugins.call(
            ProviderNetworkRules(networkId: networkId, set: order.set.map(\.rules), remove: order.remove),
            role: .network, provider: order.provider)
        opened.withLock { opened in
            for path in order.set { opened[path.rules.linkId] = path }
            for id in order.remove { opened[id] = nil }
        }
    }

    /// By network, only what is not so already.
    private func wanted(
        _ subjects: [Subject], closing: Set<String>, closed: Set<String>
    ) throws -> [String: Order] {
        let opened = opened.withLock { $0 }
        return try store.read { transaction in
            var reader = LinkReader(transaction)
            var orders: [String: Order] = [:]
            func add(_ networkId: String, _ change: (inout Order) -> Void) throws {
                if orders[networkId] == nil {
                    orders[networkId] = Order(provider: try transaction.network(id: networkId)?.provider)
                }
                // In place: a copy for each of a thousand links is a million.
                change(&orders[networkId, default: Order()])
            }
            for subject in subjects {
                let places = try reader.attachments(subject.consumerId).filter(\.isAttached)
                if places.isEmpty { continue }
                let (id, known) = (subject.linkId, opened[subject.linkId])
                let path = try Self.link(subject, transaction).flatMap { try Self.path($0, &reader) }
                if let path, !closing.contains(id) {
                    if let known, try Self.needsClosing(known, before: path, transaction) {
                        try add(known.networkId) { order in
                            order.remove.append(id)
                            order.moved.insert(id)
                        }
                    } else if known?.rules != path.rules {
                        try add(path.networkId) { $0.set.append(path) }
                    }
                } else if known != nil || closing.contains(id), !closed.contains(id) {
                    // What an earlier engine has opened may be on any network of the consumer.
                    for networkId in known.map({ [$0.networkId] }) ?? places.map(\.networkId) {
                        try add(networkId) { $0.remove.append(id) }
                    }
                }
            }
            return orders
        }
    }

    /// Whether a path leads through another provider's network now: that one does not hear of the new path, which takes
    /// the old one's place where both are one provider's.
    private static func needsClosing(_ known: Opened, before path: Opened, _ transaction: Transaction) throws -> Bool {
        guard known.networkId != path.networkId, let old = try transaction.network(id: known.networkId) else {
            return false
        }
        return try old.provider != transaction.network(id: path.networkId)?.provider
    }

    /// What is to be open for a link; `nil` while one of its ends is not there.
    private static func path(_ link: LinkRecord, _ reader: inout LinkReader) throws -> Opened? {
        guard let plan = link.applied, let sourceId = try reader.sourceID(of: link) else { return nil }
        let ends = try reader.ends(consumer: link.consumerId, source: sourceId)
        guard LinkState.isUp(ends.consumer, ends.source), let from = ends.consumer, let to = ends.source else {
            return nil
        }
        let rules = Rules(linkId: link.id, from: from.id, to: to.id, rules: plan.firewall)
        return Opened(networkId: from.networkId, rules: rules, ends: [link.consumerId, sourceId])
    }

    private static func link(_ subject: Subject, _ transaction: Transaction) throws -> LinkRecord? {
        let link = try transaction.link(consumer: subject.consumerId, alias: subject.alias)
        return link?.id == subject.linkId ? link : nil
    }
}
