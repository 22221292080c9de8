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
            """, [network.id, network.name, try text(network)])
    }

    package func deleteNetwork(id: String) throws {
        try execute("DELETE FROM networks WHERE id = ?", [id])
    }

    // MARK: memberships

    /// The networks of a container, in order.
    package func memberships(ofContainer id: String) throws -> [MembershipRecord] {
        try documents(
            MembershipRecord.self, "SELECT document FROM memberships WHERE containerId = ? ORDER BY position", [id])
    }

    package func memberships(ofNetwork id: String) throws -> [MembershipRecord] {
        try documents(
            MembershipRecord.self, "SELECT document FROM memberships WHERE networkId = ? ORDER BY containerId", [id])
    }

    /// Inserts the membership, or replaces the one of this container and network.
    package func save(_ membership: MembershipRecord) throws {
        try execute(
            """
            INSERT INTO memberships (containerId, networkId, position, document) VALUES (?, ?, ?, ?)
            ON CONFLICT (containerId, networkId) DO UPDATE SET
                position = excluded.position, document = excluded.document
            """,
            [membership.containerId, membership.networkId, membership.position, try text(membership)])
    }

    package func deleteMembership(ofContainer containerId: String, inNetwork networkId: String) throws {
        try execute("DELETE FROM memberships WHERE containerId = ? AND networkId = ?", [containerId, networkId])
    }

    // MARK: attachments

    package func attachments() throws -> [AttachmentRecord] {
        try documents(AttachmentRecord.self, "SELECT document FROM attachments ORDER BY id")
    }

    /// A container's places, in the order of its networks.
    package func attachments(ofContainer id: String) throws -> [AttachmentRecord] {
        try documents(
            AttachmentRecord.self,
            """
            SELECT attachments.document FROM attachments LEFT JOIN memberships USING (containerId, networkId)
            WHERE containerId = ? ORDER BY position IS NULL, position
            """, [id])
    }

    package func attachment(ofContainer containerId: String, onNetwork networkId: String) throws -> AttachmentRecord? {
        try documents(
            AttachmentRecord.self, "SELECT document FROM attachments WHERE containerId = ? AND networkId = ?",
            [containerId, networkId]
        ).first
    }

    package func attachments(onNetwork id: String) throws -> [AttachmentRecord] {
        try documents(
            AttachmentRecord.self, "SELECT document FROM attachments WHERE networkId = ? ORDER BY id", [id])
    }

    package func attachment(id: String) throws -> AttachmentRecord? {
        try documents(AttachmentRecord.self, "SELECT document FROM attachments WHERE id = ?", [id]).first
    }

    package func save(_ attachment: AttachmentRecord) throws {
        try execute(
            """
            INSERT INTO attachments (id, containerId, networkId, document) VALUES (?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET document = excluded.document
            """,
            [attachment.id, attachment.containerId, attachment.networkId, try text(attachment)])
    }

    package func deleteAttachment(id: String) throws {
        try execute("DELETE FROM attachments WHERE id = ?", [id])
    }

    // MARK: attachments whose end is not confirmed

    /// Attachments that are over for the engine, while their provider has failed to end them: nobody else gets their
    /// addresses.
    package func lingeringAttachments() throws -> [AttachmentRecord] {
        try documents(AttachmentRecord.self, "SELECT document FROM lingeringAttachments ORDER BY id")
    }

    package func saveLingering(_ attachment: AttachmentRecord) throws {
        try execute(
            "INSERT OR REPLACE INTO lingeringAttachments (id, networkId, document) VALUES (?, ?, ?)",
            [attachment.id, attachment.networkId, try text(attachment)])
    }

    package func deleteLingeringAttachment(id: String) throws {
        try execute("DELETE FROM lingeringAttachments WHERE id = ?", [id])
    }

    /// Whether an attachment has not ended, or is not confirmed to have.
    package func hasAttachment(id: String) throws -> Bool {
        try !rows(
            "SELECT 1 FROM attachments WHERE id = ?1 UNION ALL SELECT 1 FROM lingeringAttachments WHERE id = ?1", [id]
        ).isEmpty
    }

    // MARK: addresses

    /// Addresses of a network, with the container that has or last had them.
    package func addresses(onNetwork id: String) throws -> [AddressRecord] {
        try rows("SELECT address, containerId, inUse, releasedAt FROM addresses WHERE networkId = ?", [id]).map { row in
            AddressRecord(
                address: row[0], containerId: row[1], isInUse: row[2], releasedAt: Timestamp(nanoseconds: row[3]))
        }
    }

    package func take(address: String, onNetwork networkId: String, forContainer containerId: String) throws {
        try execute(
            """
            INSERT OR REPLACE INTO addresses (networkId, address, containerId, inUse, releasedAt)
            VALUES (?, ?, ?, 1, 0)
            """, [networkId, address, containerId])
    }

    package func release(_ addresses: ContainerAddresses, onNetwork networkId: String, at time: Timestamp) throws {
        for address in [addresses.ipv4, addresses.ipv6].compactMap({ $0 }) {
            try execute(
                "UPDATE addresses SET inUse = 0, releasedAt = ? WHERE address = ? AND networkId = ? AND inUse = 1",
                [time.nanoseconds, address, networkId])
        }
        try forgetOldAddresses(onNetwork: networkId)
    }

    /// An address is remembered so that its container gets it again, and so that others get it late: neither holds for
    /// what a container that is gone had a thousand addresses ago.
    private func forgetOldAddresses(onNetwork networkId: String) throws {
        try execute(
            """
            DELETE FROM addresses WHERE networkId = ?1 AND inUse = 0 AND containerId NOT IN (SELECT id FROM containers)
            AND releasedAt < (
                SELECT releasedAt FROM addresses WHERE networkId = ?1 AND inUse = 0
                ORDER BY releasedAt DESC LIMIT 1 OFFSET 1000)
            """, [networkId])
    }
}

/// An address of a network that has been in use at some time.
package struct AddressRecord: Sendable, Equatable {
    /// In its canonical text.
    package var address: String
    package var containerId: String
    package var isInUse: Bool
    package var releasedAt: Timestamp

    package init(address: String, containerId: String, isInUse: Bool, releasedAt: Timestamp) {
        self.address = address
        self.containerId = containerId
        self.isInUse = isInUse
        self.releasedAt = releasedAt
    }
}
