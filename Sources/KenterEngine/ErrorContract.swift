import Glibc
import JSONRPC
import KenterSchema

/// What the reference says of errors, held to in debug builds: a kind that a method does not name is written to standard
/// error, where the tests look for it. A release build does nothing of this.
enum ErrorContract {
    static func check<M: RPCMethod>(_ error: RPCError, of method: M.Type) {
        #if DEBUG
            guard let breach = breach(by: error, of: method) else { return }
            let line = Array("\(breach)\n".utf8)
            _ = write(STDERR_FILENO, line, line.count)
        #endif
    }

    /// What to say of an error whose kind its method does not name. What a plugin says of itself may be of any kind, and is
    /// marked.
    static func breach<M: RPCMethod>(by error: RPCError, of method: M.Type) -> String? {
        guard !error.isPluginsAnswer, !EngineAPI.errorKinds(of: method).contains(error.kind.name) else { return nil }
        return "undeclared error: \(M.name) failed with \(error.kind): \(error.message)"
    }
}
