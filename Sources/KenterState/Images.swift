import GRDB
import KenterProtocol

extension Transaction {
    /// Newest first.
    package func images() throws -> [ImageRecord] {
        try documents(ImageRecord.self, "SELECT document FROM images ORDER BY createdAt DESC, id")
    }

    package func image(id: String) throws -> ImageRecord? {
        try documents(ImageRecord.self, "SELECT document FROM images WHERE id = ?", [id]).first
    }

    /// Images whose id starts with `sha256:` and `digits` (lower-case hexadecimal).
    package func images(idPrefix digits: String) throws -> [ImageRecord] {
        try documents(
            ImageRecord.self, "SELECT document FROM images WHERE id >= ? AND id < ? ORDER BY id LIMIT 8",
            ["sha256:" + digits, "sha256:" + digits + "g"])
    }

    package func save(_ image: ImageRecord) throws {
        try execute(
            """
            INSERT INTO images (id, createdAt, document) VALUES (?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET createdAt = excluded.createdAt, document = excluded.document
            """, [image.id, image.createdAt.nanoseconds, try Document.text(image)])
    }

    package func deleteImage(id: String) throws {
        try execute("DELETE FROM images WHERE id = ?", [id])
    }

    // MARK: references

    package func image(reference: String) throws -> ImageRecord? {
        try documents(
            ImageRecord.self,
            """
            SELECT images.document FROM imageReferences JOIN images ON images.id = imageReferences.imageId
            WHERE reference = ?
            """, [reference]
        ).first
    }

    /// Full references of an image: by tag, or by digest.
    package func references(ofImage id: String, digests: Bool) throws -> [String] {
        try rows(
            "SELECT reference FROM imageReferences WHERE imageId = ? AND isDigest = ? ORDER BY reference",
            [id, digests]
        ).map { $0[0] }
    }

    /// Points a reference to an image, away from the one it pointed to.
    package func setReference(_ reference: String, image id: String, isDigest: Bool) throws {
        try execute(
            "INSERT OR REPLACE INTO imageReferences (reference, imageId, isDigest) VALUES (?, ?, ?)",
            [reference, id, isDigest])
    }

    package func deleteReference(_ reference: String) throws {
        try execute("DELETE FROM imageReferences WHERE reference = ?", [reference])
    }

    package func deleteReferences(ofImage id: String) throws {
        try execute("DELETE FROM imageReferences WHERE imageId = ?", [id])
    }

    // MARK: layers

    package func layers() throws -> [LayerRecord] {
        try documents(LayerRecord.self, "SELECT document FROM layers ORDER BY digest")
    }

    package func layer(digest: String) throws -> LayerRecord? {
        try documents(LayerRecord.self, "SELECT document FROM layers WHERE digest = ?", [digest]).first
    }

    package func save(_ layer: LayerRecord) throws {
        try execute(
            "INSERT OR REPLACE INTO layers (digest, document) VALUES (?, ?)",
            [layer.digest, try Document.text(layer)])
    }

    package func deleteLayer(digest: String) throws {
        try execute("DELETE FROM layers WHERE digest = ?", [digest])
    }
}
