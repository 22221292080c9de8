import GRDB

extension Transaction {
    /// Plugins that were enabled, by name.
    package func enabledPlugins() throws -> [PluginRecord] {
        try documents(PluginRecord.self, "SELECT document FROM plugins ORDER BY name")
    }

    package func enabledPlugin(_ name: String) throws -> PluginRecord? {
        try documents(PluginRecord.self, "SELECT document FROM plugins WHERE name = ?", [name]).first
    }

    package func save(_ plugin: PluginRecord) throws {
        try execute(
            """
            INSERT INTO plugins (name, document) VALUES (?, ?)
            ON CONFLICT (name) DO UPDATE SET document = excluded.document
            """, [plugin.name, try Document.text(plugin)])
    }

    package func deleteEnabledPlugin(_ name: String) throws {
        try execute("DELETE FROM plugins WHERE name = ?", [name])
    }

    /// What stands on a provider, as in "volume data"; empty when nothing does.
    package func objects(ofProvider name: String) throws -> [String] {
        try networks().filter { $0.provider == name }.map { "network \($0.name)" }
            + volumes().filter { $0.provider == name }.map { "volume \($0.name)" }
            + containers().filter { $0.definition.storageProvider == name }.map { "container \($0.name)" }
            + links().filter { $0.provider == name }.map { "link \($0.alias) of container \($0.consumerId.prefix(12))" }
    }
}
