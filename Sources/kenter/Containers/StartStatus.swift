import JSONRPC

/// The exit status for a process that could not be started, as shells have it.
enum StartStatus {
    /// 127 where there is no such command, 126 where it cannot be executed: the engine says so; else `other`.
    static func status(of error: any Error, other: Int32) -> Int32 {
        guard let code = (error as? RPCError)?.details["exitCode"]?.integer else { return other }
        return Int32(truncatingIfNeeded: code)
    }
}
