import GRDB

extension Transaction {
    package func volumes() throws -> [VolumeRecord] {
        try documents(VolumeRecord.self, "SELECT document FROM volumes ORDER BY name")
    }

    package func volume(id: String) throws -> VolumeRecord? {
        try documents(VolumeRecord.self, "SELECT document FROM volumes WHERE id = ?", [id]).first
    }

    package func volume(named name: String) throws -> VolumeRecord? {
        try documents(VolumeRecord.self, "SELECT document FROM volumes WHERE name = ?", [name]).first
    }

    package func save(_ volume: VolumeRecord) throws {
        try execute(
            """
            INSERT INTO volumes (id, name, document) VALUES (?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET document = excluded.document
            """, [volume.id, volume.name, try Document.text(volume)])
    }

    package func deleteVolume(id: String) throws {
        try execute("DELETE FROM volumes WHERE id = ?", [id])
    }

    // MARK: mounts

    package func addVolumeMount(id: String, container containerId: String, volume volumeId: String) throws {
        try execute(
            "INSERT INTO volumeMounts (id, containerId, volumeId) VALUES (?, ?, ?)", [id, containerId, volumeId])
    }

    package func volumeMountIDs() throws -> [String] {
        try rows("SELECT id FROM volumeMounts ORDER BY id").map { $0[0] }
    }

    /// Ids of the containers that mount the volume, running or not.
    package func containerIDs(usingVolume id: String) throws -> [String] {
        try rows("SELECT DISTINCT containerId FROM volumeMounts WHERE volumeId = ?", [id]).map { $0[0] }
    }
}
