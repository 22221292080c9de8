import GRDB

/// The tables, as a list of migrations that only grows.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: containers, links, networks, volumes, images, events") { database in
            try database.execute(sql: first)
        }
        return migrator
    }

    private static let first = """
        CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

        CREATE TABLE containers (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            createdAt INTEGER NOT NULL,
            imageId TEXT NOT NULL,
            status TEXT NOT NULL,
            definition TEXT NOT NULL,
            state TEXT NOT NULL
        ) STRICT;
        CREATE INDEX containersByImage ON containers (imageId);

        CREATE TABLE links (
            id TEXT PRIMARY KEY,
            consumerId TEXT NOT NULL REFERENCES containers (id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            alias TEXT NOT NULL,
            sourceId TEXT,
            sourceName TEXT NOT NULL,
            document TEXT NOT NULL,
            UNIQUE (consumerId, alias)
        ) STRICT;
        CREATE INDEX linksBySource ON links (sourceId);
        CREATE INDEX linksBySourceName ON links (sourceName);

        CREATE TABLE networks (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            document TEXT NOT NULL
        ) STRICT;

        CREATE TABLE attachments (
            id TEXT PRIMARY KEY,
            containerId TEXT NOT NULL UNIQUE REFERENCES containers (id) ON DELETE CASCADE,
            networkId TEXT NOT NULL REFERENCES networks (id),
            document TEXT NOT NULL
        ) STRICT;

        -- An address keeps the last container that had it: it goes back to that one, and to others last of all.
        CREATE TABLE addresses (
            networkId TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
            address INTEGER NOT NULL,
            containerId TEXT NOT NULL,
            inUse INTEGER NOT NULL,
            releasedAt INTEGER NOT NULL,
            PRIMARY KEY (networkId, address)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX addressesByContainer ON addresses (containerId);

        CREATE TABLE volumes (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            document TEXT NOT NULL
        ) STRICT;

        CREATE TABLE volumeMounts (
            id TEXT PRIMARY KEY,
            containerId TEXT NOT NULL REFERENCES containers (id) ON DELETE CASCADE,
            volumeId TEXT NOT NULL REFERENCES volumes (id)
        ) STRICT;
        CREATE INDEX volumeMountsByVolume ON volumeMounts (volumeId);
        CREATE INDEX volumeMountsByContainer ON volumeMounts (containerId);

        CREATE TABLE images (
            id TEXT PRIMARY KEY,
            createdAt INTEGER NOT NULL,
            document TEXT NOT NULL
        ) STRICT;

        CREATE TABLE imageReferences (
            reference TEXT PRIMARY KEY,
            imageId TEXT NOT NULL REFERENCES images (id),
            isDigest INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX imageReferencesByImage ON imageReferences (imageId);

        CREATE TABLE layers (
            digest TEXT PRIMARY KEY,
            document TEXT NOT NULL
        ) STRICT;

        CREATE TABLE events (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            document TEXT NOT NULL
        ) STRICT;
        """
}
