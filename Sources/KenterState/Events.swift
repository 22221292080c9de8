import GRDB
package import KenterProtocol

extension Transaction {
    /// How many events the journal keeps.
    package static var journalEvents: Int64 { 10_000 }

    /// Adds an event in the transaction of the change it tells of; its number is the next one.
    package func append(
        event kind: String, id: String, name: String?, attributes: [String: String] = [:]
    ) throws -> Event {
        try execute("INSERT INTO events (document) VALUES ('')")
        let seq = database.lastInsertedRowID
        let event = Event(
            seq: seq, time: Timestamp.now.description, kind: kind, id: id, name: name, attributes: attributes)
        try execute("UPDATE events SET document = ? WHERE seq = ?", [try Document.text(event), seq])
        try execute("DELETE FROM events WHERE seq <= ?", [seq - Self.journalEvents])
        return event
    }

    /// Events after `seq`, oldest first.
    package func events(after seq: Int64, limit: Int) throws -> [Event] {
        // Read once each, as a rule: nothing to keep.
        try rows("SELECT document FROM events WHERE seq > ? ORDER BY seq LIMIT ?", [seq, limit])
            .map { try Document.decode(Event.self, from: $0[0]) }
    }

    /// The first and last event of the journal; 0 where there has been none.
    package func eventRange() throws -> (first: Int64, last: Int64) {
        let row = try rows("SELECT coalesce(min(seq), 0), coalesce(max(seq), 0) FROM events").first
        return (row?[0] ?? 0, row?[1] ?? 0)
    }
}
