import CLinux
import Glibc
import JSONRPC
import KenterProtocol

/// The text of the current `errno`.
func systemText() -> String { String(cString: strerror(errno)) }

extension RPCError {
    /// A system call that failed on a path, with the current `errno`'s text.
    static func system(_ action: String, _ path: String) -> RPCError {
        let isFull = errno == ENOSPC || errno == EDQUOT
        return RPCError(isFull ? .exhausted : .io, "cannot \(action) \(path): \(systemText())")
    }
}
