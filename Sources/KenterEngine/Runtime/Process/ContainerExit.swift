import CLinux
import Glibc
package import KenterProtocol

/// How a container's main process ended.
package struct ContainerExit: Sendable, Equatable {
    /// 0 … 255; 128 and the signal that killed it.
    package var code: Int32
    package var finishedAt: Timestamp
    /// Whether the kernel killed one of its processes for want of memory.
    package var ranOutOfMemory: Bool

    package init(code: Int32, finishedAt: Timestamp, ranOutOfMemory: Bool) {
        self.code = code
        self.finishedAt = finishedAt
        self.ranOutOfMemory = ranOutOfMemory
    }

    /// What conmon wrote when the main process ended; `nil` as long as it has not.
    init?(of paths: ContainerPaths) {
        var status = stat()
        guard stat(paths.exit, &status) == 0, let text = SmallFile.readText(paths.exit, limitBytes: 32),
            let code = Int32(text.prefix { $0.isNumber })
        else { return nil }
        self.code = code
        finishedAt = Timestamp(
            nanoseconds: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
        ranOutOfMemory = access(paths.outOfMemory, F_OK) == 0
    }
}

/// What there is of a container on this host.
package enum ContainerObservation: Sendable, Equatable {
    /// Its main process waits to be started.
    case created(ProcessIdentity)
    case running(ProcessIdentity)
    case paused(ProcessIdentity)
    case exited(ContainerExit)
    /// Nothing: it never ran, was deleted, or the host restarted since.
    case gone
}
