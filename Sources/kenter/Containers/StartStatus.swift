import JSONRPC
import KenterClient

/// The exit status for a process that could not be started, as shells have it.
enum StartStatus {
    /// 127: no such command; 126: not executable; else `other`.
    static func status(of error: any Error, other: Int32) -> Int32 {
        if let error = error as? RPCError, let code = error.details["exitCode"]?.integer {
            return Int32(truncatingIfNeeded: code)
        }
        // That there is no engine is no word on the container's command.
        if error is EngineConnectError { return other }
        let message = CommandFailure(error).message ?? ""
        let missing = ["executable file not found", "no such file or directory"]
        let unusable = ["permission denied", "is a directory", "exec format error"]
        if missing.contains(where: message.lowercased().contains) { return 127 }
        if unusable.contains(where: message.lowercased().contains) { return 126 }
        return other
    }
}
