import GRDB
import KenterProtocol

extension Transaction {
    private static let containerColumns = "id, name, createdAt, definition, state"

    private func container(_ row: Row) throws -> ContainerRecord {
        ContainerRecord(
            id: row[0], name: row[1], createdAt: Timestamp(nanoseconds: row[2]),
            definition: try document(ContainerDefinition.self, row[3]),
            state: try document(ContainerState.self, row[4]))
    }

    /// Newest first.
    package func containers() throws -> [ContainerRecord] {
        try rows("SELECT \(Self.containerColumns) FROM containers ORDER BY createdAt DESC, id").map(container)
    }

    package func container(id: String) throws -> ContainerRecord? {
        try rows("SELECT \(Self.containerColumns) FROM containers WHERE id = ?", [id]).first.map(container)
    }

    package func container(named name: String) throws -> ContainerRecord? {
        try rows("SELECT \(Self.containerColumns) FROM containers WHERE name = ?", [name]).first.map(container)
    }

    /// Ids that start with `prefix` (lower-case hexadecimal digits only), at most `limit`.
    package func containerIDs(prefix: String, limit: Int = 8) throws -> [String] {
        try rows(
            "SELECT id FROM containers WHERE id >= ? AND id < ? ORDER BY id LIMIT ?", [prefix, prefix + "g", limit]
        ).map { $0[0] }
    }

    package func containerIDs(usingImage imageId: String) throws -> [String] {
        try rows("SELECT id FROM containers WHERE imageId = ?", [imageId]).map { $0[0] }
    }

    package func insert(_ record: ContainerRecord) throws {
        try execute(
            """
            INSERT INTO containers (id, name, createdAt, imageId, status, definition, state)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                record.id, record.name, record.createdAt.nanoseconds, record.definition.imageId,
                record.state.status.rawValue, try text(record.definition), try text(record.state),
            ])
    }

    package func setState(_ state: ContainerState, ofContainer id: String) throws {
        try execute(
            "UPDATE containers SET status = ?, state = ? WHERE id = ?",
            [state.status.rawValue, try text(state), id])
    }

    package func setDefinition(_ definition: ContainerDefinition, ofContainer id: String) throws {
        try execute("UPDATE containers SET definition = ? WHERE id = ?", [try text(definition), id])
    }

    package func rename(container id: String, to name: String) throws {
        try execute("UPDATE containers SET name = ? WHERE id = ?", [name, id])
    }

    /// Its links as consumer, attachment and volume mounts go with it; links to it stay, without source.
    package func deleteContainer(id: String) throws {
        try execute("DELETE FROM containers WHERE id = ?", [id])
    }
}
