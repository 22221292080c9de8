import GRDB

/// The tables, as a list of migrations that only grows.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: containers, links, networks, volumes, images, events") { database in
            try database.execute(sql: first)
        }
        migrator.registerMigration("results kept for repeats") { database in
            try database.execute(sql: keptResults)
        }
        migrator.registerMigration("several networks of a container") { database in
            try database.execute(sql: severalNetworks)
        }
        migrator.registerMigration("plugins that were enabled") { database in
            try database.execute(
                sql: "CREATE TABLE plugins (name TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID")
        }
        migrator.registerMigration("attachments whose end is not confirmed") { database in
            try database.execute(sql: lingeringAttachments)
        }
        return migrator
    }

    /// Without their container, which may be gone: what they keep is their addresses.
    private static let lingeringAttachments = """
        CREATE TABLE lingeringAttachments (
            id TEXT PRIMARY KEY,
            networkId TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
            document TEXT NOT NULL
        ) STRICT;
        """

    private static let keptResults = """
        CREATE TABLE keptResults (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            digest TEXT NOT NULL UNIQUE,
            document TEXT NOT NULL
        ) STRICT;
        """

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

    /// Networks get labels and an end; membership leaves the definition of a container; an address is text, in either family.
    private static let severalNetworks = """
        UPDATE networks
        SET document = json_set(document, '$.labels', json_object(), '$.isRemoving', json('false'));

        CREATE TABLE memberships (
            containerId TEXT NOT NULL REFERENCES containers (id) ON DELETE CASCADE,
            networkId TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            document TEXT NOT NULL,
            PRIMARY KEY (containerId, networkId)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX membershipsByNetwork ON memberships (networkId);
        INSERT INTO memberships (containerId, networkId, position, document)
        SELECT containers.id, networks.id, 0, json_object(
            'containerId', containers.id, 'networkId', networks.id, 'position', 0, 'aliases', json_array(),
            'requested', json_patch('{}', json_object('ipv4', json_extract(definition, '$.requestedAddress'))))
        FROM containers JOIN networks ON networks.id = json_extract(definition, '$.network.network.id');

        CREATE TABLE manyAttachments (
            id TEXT PRIMARY KEY,
            containerId TEXT NOT NULL REFERENCES containers (id) ON DELETE CASCADE,
            networkId TEXT NOT NULL REFERENCES networks (id),
            document TEXT NOT NULL,
            UNIQUE (containerId, networkId)
        ) STRICT;
        INSERT INTO manyAttachments
        SELECT id, containerId, networkId, json_set(document, '$.interface', 'eth0', '$.hosts', json_array())
        FROM attachments;
        DROP TABLE attachments;
        ALTER TABLE manyAttachments RENAME TO attachments;
        CREATE INDEX attachmentsByNetwork ON attachments (networkId);

        CREATE TABLE textAddresses (
            networkId TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
            address TEXT NOT NULL,
            containerId TEXT NOT NULL,
            inUse INTEGER NOT NULL,
            releasedAt INTEGER NOT NULL,
            PRIMARY KEY (networkId, address)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO textAddresses
        SELECT networkId,
            printf('%d.%d.%d.%d', address >> 24 & 255, address >> 16 & 255, address >> 8 & 255, address & 255),
            containerId, inUse, releasedAt
        FROM addresses;
        DROP TABLE addresses;
        ALTER TABLE textAddresses RENAME TO addresses;
        CREATE INDEX addressesByContainer ON addresses (containerId);
        """
}
