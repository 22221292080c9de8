import JSONRPC
import KenterProtocol
package import KenterState

extension Transaction {
    /// The container that a name, an id, an unambiguous id prefix or a link's path means; a leading `/` is dropped.
    ///
    /// Names win over prefixes. Fails with `invalidParams` for a prefix of several ids.
    package func container(referredToAs text: String) throws -> ContainerRecord? {
        let name = text.hasPrefix("/") ? String(text.dropFirst()) : text
        if let container = try container(named: name) { return container }
        if let slash = name.firstIndex(of: "/") {
            let alias = String(name[name.index(after: slash)...])
            guard let consumer = try container(referredToAs: String(name[..<slash])),
                let link = try link(consumer: consumer.id, alias: alias)
            else { return nil }
            return try source(of: link)
        }
        guard !name.isEmpty, name.utf8.count <= 64, name.utf8.allSatisfy(Self.isLowerHexadecimal) else { return nil }
        let ids = try containerIDs(prefix: name)
        if ids.count > 1 { throw LinkRefusal.ambiguous(name, ids) }
        return try ids.first.flatMap { try container(id: $0) }
    }

    /// The container that a link leads to now; `nil` when there is none.
    ///
    /// A link that follows its source's name leads to whoever has the name, and to the old container while nobody has.
    package func source(of link: LinkRecord) throws -> ContainerRecord? {
        if link.rebindsByName || link.sourceId == nil, let named = try container(named: link.sourceName) {
            return named
        }
        return try link.sourceId.flatMap { try container(id: $0) }
    }

    /// The container whose network this one uses: itself, or the one it shares with; `nil` when that is gone.
    package func networkOwner(of container: ContainerRecord) throws -> ContainerRecord? {
        var owner = container
        // Long enough for any sensible chain, short enough for a circle.
        for _ in 0..<64 {
            guard case .container(let id) = owner.definition.network else { return owner }
            guard let next = try self.container(id: id) else { return nil }
            owner = next
        }
        return nil
    }

    private static func isLowerHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
