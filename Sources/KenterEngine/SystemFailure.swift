import Glibc
import JSONRPC
import KenterProtocol

extension RPCError {
    /// A system call that failed: what it was for, on what, and the system's reason. A full disk is `exhausted`.
    static func system(_ action: String, _ what: String, errno code: Int32 = errno) -> RPCError {
        let isFull = code == ENOSPC || code == EDQUOT
        return RPCError(isFull ? .exhausted : .io, "cannot \(action) \(what): \(String(cString: strerror(code)))")
    }
}
