import GRDB
package import JSONRPC
import KenterProtocol

extension Transaction {
    /// How many results of requests with an idempotency key are kept.
    package static var keptResults: Int64 { 10_000 }

    /// The result kept under a digest; `nil` when there is none, or none any more.
    package func keptResult(_ digest: String) throws -> JSONObject? {
        try documents(JSONObject.self, "SELECT document FROM keptResults WHERE digest = ?", [digest]).first
    }

    /// Keeps a result, and forgets the oldest ones.
    package func keep(_ result: JSONObject, digest: String) throws {
        try execute(
            "INSERT OR REPLACE INTO keptResults (digest, document) VALUES (?, ?)",
            [digest, try Document.text(result)])
        try execute(
            "DELETE FROM keptResults WHERE seq <= ?", [database.lastInsertedRowID - Self.keptResults])
    }
}
