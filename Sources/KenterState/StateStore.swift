import GRDB
import Glibc
import JSONRPC
import KenterProtocol
import Synchronization

/// The engine's memory: one SQLite database, written in transactions, each wholly done or not at all.
///
/// Every change that was acknowledged survives a crash of the engine and of the host (WAL with full synchronisation).
package final class StateStore: Sendable {
    private let path: String
    private let database: DatabasePool
    private let writes = Atomic<Int>(0)
    private let cache = DocumentCache()

    /// Counts transactions that wrote: what was read is still true while the number is the same.
    package var version: Int { writes.load(ordering: .acquiring) }

    /// Opens or makes `<root>/state.db`, for the engine's user alone, and brings it to the present schema.
    package init(path: String) throws {
        self.path = path
        try Self.makePrivate(path)
        var configuration = Configuration()
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON")
            try StateReserve.keep(database)
        }
        configuration.busyMode = .timeout(5)
        do {
            database = try DatabasePool(path: path, configuration: configuration)
            try Schema.migrator.migrate(database)
            try StateReserve.make(database, path: path)
        } catch let error as DatabaseError {
            throw StateFailure.described(error, path: path)
        }
    }

    /// The database holds what the environment of containers holds, and who can open it can hold its locks: SQLite gives
    /// its other files the mode of the first.
    private static func makePrivate(_ path: String) throws(RPCError) {
        for (file, flags) in [(path, O_CREAT), ("\(path)-wal", 0), ("\(path)-shm", 0)] {
            let descriptor = open(file, O_RDWR | O_NOFOLLOW | O_CLOEXEC | flags, 0o600)
            if descriptor < 0, errno == ENOENT, flags == 0 { continue }
            defer { if descriptor >= 0 { close(descriptor) } }
            guard descriptor >= 0, fchmod(descriptor, 0o600) == 0 else {
                throw RPCError(.io, "cannot open the engine's state \(file): \(String(cString: strerror(errno)))")
            }
        }
    }

    /// Runs `body` in one transaction; what it throws undoes all of it.
    package func write<T>(_ body: (Transaction) throws -> T) throws -> T {
        CrashPoint.reach("before a write")
        defer { CrashPoint.reach("after a write") }
        let result: T
        do {
            result = try database.write { try body(Transaction($0, cache)) }
        } catch let error as DatabaseError {
            throw StateFailure.described(error, path: path)
        }
        writes.add(1, ordering: .releasing)
        return result
    }

    /// Runs `body` on one consistent snapshot.
    package func read<T>(_ body: (Transaction) throws -> T) throws -> T {
        try database.read { try body(Transaction($0, cache)) }
    }
}

/// What can be asked and changed within one transaction; the nouns' own files add the verbs.
package struct Transaction {
    let database: Database
    private let cache: DocumentCache

    init(_ database: Database, _ cache: DocumentCache) {
        self.database = database
        self.cache = cache
    }

    func execute(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws {
        try database.cachedStatement(sql: sql).execute(arguments: arguments)
    }

    func rows(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> [Row] {
        try Row.fetchAll(try database.cachedStatement(sql: sql), arguments: arguments)
    }

    /// Documents of one column, decoded.
    func documents<T: Decodable & Sendable>(
        _ type: T.Type, _ sql: String, _ arguments: StatementArguments = StatementArguments()
    ) throws -> [T] {
        try rows(sql, arguments).map { try document(type, $0[0]) }
    }

    func document<T: Decodable & Sendable>(_ type: T.Type, _ text: String) throws -> T {
        try cache.value(of: text) { try Document.decode(type, from: $0) }
    }

    /// A document to be written, which is likely to be read soon.
    func text(_ value: some Encodable & Sendable) throws -> String {
        let text = try Document.text(value)
        cache.keep(value, text: text)
        return text
    }
}

/// Values as JSON text in a column.
enum Document {
    static func text(_ value: some Encodable) throws -> String {
        try JSONValueEncoder().encode(value).text
    }

    static func decode<T: Decodable>(_ type: T.Type, from text: String) throws -> T {
        do {
            let limits = JSONLimits(tokens: 10_000_000, stringBytes: 64 << 20)
            return try JSONValueDecoder().decode(type, from: JSONScanner.scan(text.utf8, limits: limits))
        } catch {
            throw RPCError(.corruptState, "the engine's state holds a \(type) that cannot be read: \(error)")
        }
    }
}
