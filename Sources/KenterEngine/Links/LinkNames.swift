import KenterProtocol
package import KenterState

/// The names that links give to containers.
package enum LinkNames {
    /// `/mysqldb`, and `/web/mysql` for each link to it.
    package static func names(of container: ContainerRecord, in transaction: Transaction) throws -> [String] {
        var names = ["/\(container.name)"]
        for link in try links(to: container, in: transaction) {
            guard let consumer = try transaction.container(id: link.consumerId) else { continue }
            names.append("/\(consumer.name)/\(link.alias)")
        }
        return names
    }

    /// `/mysqldb:/web/mysql` for each of its links, in the order given; a source that is gone keeps its last name.
    package static func links(of container: ContainerRecord, in transaction: Transaction) throws -> [String] {
        try transaction.links(ofConsumer: container.id).map { link in
            let source = try transaction.source(of: link)
            return "/\(source?.name ?? link.sourceName):/\(container.name)/\(link.alias)"
        }
    }

    /// Links that lead to the container now, by consumer and position.
    package static func links(to container: ContainerRecord, in transaction: Transaction) throws -> [LinkRecord] {
        var links = try transaction.links(toSource: container.id)
        let known = Set(links.map(\.id))
        links += try transaction.links(toSourceNamed: container.name).filter { !known.contains($0.id) }
        return try links.filter { try transaction.source(of: $0)?.id == container.id }
    }

    /// Lets links keep to a container that gets another name; call it in the transaction that renames.
    package static func rename(_ container: ContainerRecord, to name: String, in transaction: Transaction) throws {
        for var link in try links(to: container, in: transaction) {
            link.sourceName = name
            link.sourceId = container.id
            try transaction.save(link)
        }
    }
}
