import Glibc
import JSONRPC
import KenterSchema

/// What the reference says of errors, held to in debug builds: a kind that a method does not name is written to standard
/// error, where the tests look for it. A release build does nothing of this.
enum ErrorContract {
    static func check<M: RPCMethod>(_ error: RPCError, of method: M.Type) {
        #if DEBUG
            // What a plugin says of itself may be of any kind, and is marked.
            guard !error.isPluginsAnswer, !EngineAPI.errorKinds(of: method).contains(error.kind.name) else { return }
            let text = Array("undeclared error: \(M.name) failed with \(error.kind): \(error.message)\n".utf8)
            _ = write(STDERR_FILENO, text, text.count)
        #endif
    }
}
