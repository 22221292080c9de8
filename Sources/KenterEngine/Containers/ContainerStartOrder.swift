import KenterState

/// In which order the containers of one call start.
struct ContainerStartOrder {
    /// Group after group, sources before consumers; a group of several is a cycle.
    let groups: [[String]]

    /// - Parameter ids: Containers that are to start, each once.
    init(_ ids: [String], _ transaction: Transaction) throws {
        var pairs: [(consumer: String, source: String)] = []
        for id in ids {
            for link in try transaction.links(ofConsumer: id) {
                if let source = try transaction.source(of: link) { pairs.append((id, source.id)) }
            }
        }
        groups = StartOrder(ids, links: pairs).groups
    }

    /// The containers that start together with this one: its cycle, or itself alone.
    func group(of id: String) -> [String] { groups.first { $0.contains(id) } ?? [id] }
}

extension ContainerService {
    /// The same containers, named the same way, in the order in which they start; names that are unknown come first.
    static func ordered(
        _ references: [String], _ transaction: Transaction
    ) throws -> (references: [String], order: ContainerStartOrder) {
        var names: [String: String] = [:]
        var ids: [String] = []
        var unknown: [String] = []
        for reference in references {
            guard let id = try ContainerLookup(transaction).find(reference)?.id else {
                unknown.append(reference)
                continue
            }
            if names.updateValue(reference, forKey: id) == nil { ids.append(id) }
        }
        let order = try ContainerStartOrder(ids, transaction)
        return (unknown + order.groups.joined().compactMap { names[$0] }, order)
    }
}
