import JSONRPC
import KenterProtocol
import KenterState

/// Finds containers as people name them.
struct ContainerLookup {
    private let transaction: Transaction

    init(_ transaction: Transaction) {
        self.transaction = transaction
    }

    /// By name, id, unambiguous id prefix or link path (`web/db`); Docker's text when there is none.
    func container(_ reference: String) throws -> ContainerRecord {
        guard let container = try find(reference) else {
            throw RPCError(.notFound, "No such container: \(reference)")
        }
        return container
    }

    /// `nil` when there is none; throws when several match.
    func find(_ reference: String) throws -> ContainerRecord? {
        let name = reference.hasPrefix("/") ? String(reference.dropFirst()) : reference
        guard !name.isEmpty else { return nil }
        if let slash = name.firstIndex(of: "/") {
            return try source(ofConsumer: String(name[..<slash]), alias: String(name[name.index(after: slash)...]))
        }
        if name.utf8.count == 64, let container = try transaction.container(id: name) { return container }
        if let container = try transaction.container(named: name) { return container }
        guard name.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else { return nil }
        let ids = try transaction.containerIDs(prefix: name)
        guard ids.count <= 1 else {
            let shown = ids.map { String($0.prefix(12)) }.joined(separator: ", ")
            throw RPCError(.invalidParams, "\(name) matches several containers: \(shown)")
        }
        return try ids.first.flatMap { try transaction.container(id: $0) }
    }

    private func source(ofConsumer name: String, alias: String) throws -> ContainerRecord? {
        guard let consumer = try transaction.container(named: name),
            let link = try transaction.link(consumer: consumer.id, alias: alias)
        else { return nil }
        return try transaction.source(of: link)
    }
}
