import CLinux
import Glibc
import Netlink
import Threads

/// Runs `body` on a thread in a network namespace of its own, which ends with it.
func inThrowawayNamespace<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await DetachedThread.runApart { () -> Swift.Result<Result, any Error> in
        guard clinux_unshare(CLONE_NEWNET) == 0 else {
            return .failure(NetlinkError("make a network namespace (tests run as root)", errno: errno))
        }
        return .init(catching: body)
    }.get()
}

/// A second namespace, made by the calling thread, which stays where it is.
func anotherNamespace() throws -> NetworkNamespace {
    let home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
    defer { close(home) }
    guard clinux_unshare(CLONE_NEWNET) == 0 else {
        throw NetlinkError("make a network namespace", errno: errno)
    }
    defer { _ = clinux_setns(home, CLONE_NEWNET) }
    return try NetworkNamespace(path: "/proc/thread-self/ns/net")
}
