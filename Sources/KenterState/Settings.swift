import GRDB

extension Transaction {
    package func setting(_ name: String) throws -> String? {
        try rows("SELECT value FROM settings WHERE name = ?", [name]).first?[0]
    }

    package func setSetting(_ name: String, _ value: String) throws {
        try execute("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", [name, value])
    }
}
