import CSQLite
import GRDB
import Glibc

/// Room that the state has on the disk beforehand: what makes room, such as the removal of a container, and what is
/// noted meanwhile, such as its exit code, is written also when the disk is full.
///
/// It is twice the same number of bytes: in the write-ahead log, which SQLite writes from the beginning again once all
/// that it holds is in the database, and as free pages of the database.
enum StateReserve {
    static let bytes = 5 << 19
    /// Pages of the log that are moved into the database at the latest: less than the reserve, so that it suffices.
    private static let pagesUntilCheckpoint = 512

    /// Makes a connection keep what there is.
    static func keep(_ database: Database) throws {
        try database.execute(sql: "PRAGMA wal_autocheckpoint = \(pagesUntilCheckpoint)")
        guard let connection = database.sqliteConnection else { return }
        // Otherwise the log is made anew at every start; it is only slower then.
        _ = csqlite_keep_write_ahead_log(connection)
    }

    /// Makes it where it is missing. Without room for it there is none.
    static func make(_ pool: DatabasePool, path: String) throws {
        do {
            try pool.writeWithoutTransaction { database in
                guard try !isThere(database, path: path) else { return }
                try database.inTransaction {
                    try database.execute(
                        sql: "CREATE TABLE reserve (space); INSERT INTO reserve VALUES (zeroblob(\(bytes)));"
                            + "DROP TABLE reserve")
                    return .commit
                }
                try database.checkpoint(.restart)
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_FULL {
            return
        }
    }

    private static func isThere(_ database: Database, path: String) throws -> Bool {
        let pages = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
        let pageBytes = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
        var log = stat()
        guard stat("\(path)-wal", &log) == 0 else { return false }
        return pages * pageBytes >= bytes && Int(log.st_size) >= bytes
    }
}
