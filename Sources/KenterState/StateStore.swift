import GRDB
import KenterProtocol
import JSONRPC

/// The engine's memory: one SQLite database, written in transactions, each wholly done or not at all.
///
/// Every change that was acknowledged survives a crash of the engine and of the host (WAL with full synchronisation).
package final class StateStore: Sendable {
    private let database: DatabasePool

    /// Opens or makes `<root>/state.db` and brings it to the present schema.
    package init(path: String) throws {
        var configuration = Configuration()
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON")
        }
        configuration.busyMode = .timeout(5)
        database = try DatabasePool(path: path, configuration: configuration)
        try Schema.migrator.migrate(database)
    }

    /// Runs `body` in one transaction; what it throws undoes all of it.
    package func write<T>(_ body: (Transaction) throws -> T) throws -> T {
        try database.write { try body(Transaction($0)) }
    }

    /// Runs `body` on one consistent snapshot.
    package func read<T>(_ body: (Transaction) throws -> T) throws -> T {
        try database.read { try body(Transaction($0)) }
    }
}

/// What can be asked and changed within one transaction; the nouns' own files add the verbs.
package struct Transaction {
    let database: Database

    init(_ database: Database) {
        self.database = database
    }

    func execute(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws {
        try database.cachedStatement(sql: sql).execute(arguments: arguments)
    }

    func rows(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> [Row] {
        try Row.fetchAll(try database.cachedStatement(sql: sql), arguments: arguments)
    }

    /// Documents of one column, decoded.
    func documents<T: Decodable>(
        _ type: T.Type, _ sql: String, _ arguments: StatementArguments = StatementArguments()
    ) throws -> [T] {
        try rows(sql, arguments).map { try Document.decode(type, from: $0[0]) }
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
