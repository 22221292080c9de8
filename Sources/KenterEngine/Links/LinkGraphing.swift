import JSONRPC
import KenterProtocol
import KenterState

extension LinkService {
    /// Every link, its ends, and what follows for the order of starts.
    nonisolated func graph() throws -> LinkGraph.Result {
        let states = try store.read { transaction in
            var reader = LinkReader(transaction)
            return try reader.states(of: try transaction.links())
        }
        var containers: [String: ContainerRecord] = [:]
        var missing: Set<String> = []
        for state in states {
            containers[state.consumer.id] = state.consumer
            if let source = state.source {
                containers[source.id] = source
            } else {
                missing.insert(state.sourceName)
            }
        }
        let ordered = containers.values.sorted { ($0.createdAt.nanoseconds, $0.id) < ($1.createdAt.nanoseconds, $1.id) }
        let order = StartOrder(
            ordered.map(\.id),
            links: states.compactMap { state in state.source.map { (consumer: state.consumer.id, source: $0.id) } })
        func names(_ groups: [[String]]) -> [[String]] { groups.map { $0.compactMap { containers[$0]?.name } } }
        let nodes =
            ordered.map { LinkGraph.Node(name: $0.name, id: $0.id, status: $0.state.status) }
            + missing.map { LinkGraph.Node(name: $0) }
        return LinkGraph.Result(
            nodes: nodes.sorted { $0.name < $1.name }, edges: states.sorted { $0.place < $1.place }.map(\.edge),
            startOrder: names(order.groups), cycles: names(order.cycles))
    }
}

extension LinkState {
    fileprivate var sourceName: String { source?.name ?? link.sourceId ?? link.sourceName }

    fileprivate var place: (String, Int) { (consumer.name, link.position) }

    fileprivate var edge: LinkGraph.Edge {
        LinkGraph.Edge(
            consumer: consumer.name, source: sourceName, alias: link.alias, provider: link.provider, state: state)
    }
}
