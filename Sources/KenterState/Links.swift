import GRDB

extension Transaction {
    /// All links, by consumer and position.
    package func links() throws -> [LinkRecord] {
        try documents(LinkRecord.self, "SELECT document FROM links ORDER BY consumerId, position")
    }

    package func links(ofConsumer id: String) throws -> [LinkRecord] {
        try documents(LinkRecord.self, "SELECT document FROM links WHERE consumerId = ? ORDER BY position", [id])
    }

    package func links(toSource id: String) throws -> [LinkRecord] {
        try documents(
            LinkRecord.self, "SELECT document FROM links WHERE sourceId = ? ORDER BY consumerId, position", [id])
    }

    /// Links that have the container for their source under a name that it has no longer.
    package func links(toSource id: String, notNamed name: String) throws -> [LinkRecord] {
        try documents(LinkRecord.self, "SELECT document FROM links WHERE sourceId = ? AND sourceName <> ?", [id, name])
    }

    /// Links that go by a source's name and do not have the container with that id for theirs.
    package func links(toSourceNamed name: String, otherThan id: String) throws -> [LinkRecord] {
        try documents(
            LinkRecord.self,
            """
            SELECT document FROM links WHERE sourceName = ? AND (sourceId IS NULL OR sourceId <> ?)
            ORDER BY consumerId, position
            """, [name, id])
    }

    package func link(consumer id: String, alias: String) throws -> LinkRecord? {
        try documents(
            LinkRecord.self, "SELECT document FROM links WHERE consumerId = ? AND alias = ?", [id, alias]
        ).first
    }

    /// Inserts the link, or replaces the one with its id.
    package func save(_ link: LinkRecord) throws {
        try execute(
            """
            INSERT INTO links (id, consumerId, position, alias, sourceId, sourceName, document)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
                position = excluded.position, sourceId = excluded.sourceId, sourceName = excluded.sourceName,
                document = excluded.document
            """,
            [
                link.id, link.consumerId, link.position, link.alias, link.sourceId, link.sourceName,
                try text(link),
            ])
    }

    /// Replaces a link's document; false when there is no such link any more.
    package func update(_ link: LinkRecord) throws -> Bool {
        try execute("UPDATE links SET document = ? WHERE id = ?", [try text(link), link.id])
        return database.changesCount > 0
    }

    package func deleteLink(id: String) throws {
        try execute("DELETE FROM links WHERE id = ?", [id])
    }
}
