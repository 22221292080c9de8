import GRDB
import JSONRPC
import KenterProtocol

/// What SQLite says when it cannot write, for people: what, where, and what to do. Nothing has changed then.
enum StateFailure {
    static func described(_ error: DatabaseError, path: String) -> RPCError {
        switch error.resultCode {
        case .SQLITE_FULL:
            RPCError(
                .exhausted,
                "no space is left for the engine's state \(path): nothing was changed; make room on its disk and try again"
            )
        case .SQLITE_READONLY, .SQLITE_CANTOPEN:
            RPCError(
                .io,
                "the engine's state \(path) cannot be written: nothing was changed; "
                    + "make its disk writable and try again")
        case .SQLITE_IOERR:
            RPCError(
                .io,
                "the engine's state \(path) could not be written: its disk fails, is full or read-only; nothing was changed"
            )
        default: RPCError(.internal, "the engine's state \(path): \(error)")
        }
    }
}
