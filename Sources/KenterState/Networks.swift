import GRDB
package import KenterProtocol

extension Transaction {
    package func networks() throws -> [NetworkRecord] {
        try documents(NetworkRecord.self, "SELECT document FROM networks ORDER BY name")
    }

    package func network(id: String) throws -> NetworkRecord? {
        try documents(NetworkRecord.self, "SELECT document FROM networks WHERE id = ?", [id]).first
    }

    package func network(named name: String) throws -> NetworkRecord? {
        try documents(NetworkRecord.self, "SELECT document FROM networks WHERE name = ?", [name]).first
    }

    package func save(_ network: NetworkRecord) throws {
        try execute(
            """
            INSERT INTO networks (id, name, document) VALUES (?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, document = excluded.document
            """, [network.id, network.name, try Document.text(network)])
    }

    package func deleteNetwork(id: String) throws {
        try execute("DELETE FROM networks WHERE id = ?", [id])
    }

    // MARK: attachments

    package func attachments() throws -> [AttachmentRecord] {
        try documents(AttachmentRecord.self, "SELECT document FROM attachments ORDER BY id")
    }

    package func attachment(ofContainer id: String) throws -> AttachmentRecord? {
        try documents(AttachmentRecord.self, "SELECT document FROM attachments WHERE containerId = ?", [id]).first
    }

    package func attachments(onNetwork id: String) throws -> [AttachmentRecord] {
        try documents(
            AttachmentRecord.self, "SELECT document FROM attachments WHERE networkId = ? ORDER BY id", [id])
    }

    package func save(_ attachment: AttachmentRecord) throws {
        try execute(
            """
            INSERT INTO attachments (id, containerId, networkId, document) VALUES (?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET document = excluded.document
            """,
            [attachment.id, attachment.containerId, attachment.networkId, try Document.text(attachment)])
    }

    package func deleteAttachment(id: String) throws {
        try execute("DELETE FROM attachments WHERE id = ?", [id])
    }

    // MARK: addresses

    /// IPv4 addresses of a network as numbers, with the container that has or last had them.
    package func addresses(onNetwork id: String) throws -> [AddressRecord] {
        try rows(
            "SELECT address, containerId, inUse, releasedAt FROM addresses WHERE networkId = ? ORDER BY address", [id]
        ).map { row in
            AddressRecord(
                address: UInt32(row[0] as Int64), containerId: row[1], isInUse: row[2],
                releasedAt: Timestamp(nanoseconds: row[3]))
        }
    }

    package func take(address: UInt32, onNetwork networkId: String, forContainer containerId: String) throws {
        try execute(
            """
            INSERT OR REPLACE INTO addresses (networkId, address, containerId, inUse, releasedAt)
            VALUES (?, ?, ?, 1, 0)
            """, [networkId, Int64(address), containerId])
    }

    package func releaseAddresses(ofContainer id: String, at time: Timestamp) throws {
        try execute(
            "UPDATE addresses SET inUse = 0, releasedAt = ? WHERE containerId = ? AND inUse = 1",
            [time.nanoseconds, id])
    }
}

/// An address of a network that has been in use at some time.
package struct AddressRecord: Sendable, Equatable {
    package var address: UInt32
    package var containerId: String
    package var isInUse: Bool
    package var releasedAt: Timestamp

    package init(address: UInt32, containerId: String, isInUse: Bool, releasedAt: Timestamp) {
        self.address = address
        self.containerId = containerId
        self.isInUse = isInUse
        self.releasedAt = releasedAt
    }
}
