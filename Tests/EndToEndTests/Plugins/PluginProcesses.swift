import CLinux
import Glibc
import TestSupport

/// Plugins of an engine, as processes.
enum PluginProcesses {
    static func named(_ name: String, childrenOf parent: Int32) -> [Int32] {
        TextFile.names(in: "/proc").compactMap { Int32($0) }.filter { pid in
            let status = TextFile.read("/proc/\(pid)/status")
            return status.contains("\nPPid:\t\(parent)\n") && TextFile.read("/proc/\(pid)/cmdline").contains(name)
        }
    }

    /// Halts it, and returns once each of its threads has: one that still runs might take what it is sent.
    static func halt(_ pid: Int32) async {
        kill(pid, SIGSTOP)
        _ = await eventually {
            TextFile.names(in: "/proc/\(pid)/task").allSatisfy {
                TextFile.read("/proc/\(pid)/task/\($0)/status").contains("\nState:\tT")
            }
        }
    }

    /// Bytes in its pipes that it has not read yet. (Its standard input may be elsewhere than on descriptor 0.)
    static func pendingInput(of pid: Int32) -> Int32 {
        TextFile.names(in: "/proc/\(pid)/fd").map { number in
            let descriptor = open("/proc/\(pid)/fd/\(number)", O_RDONLY | O_NONBLOCK | O_CLOEXEC)
            guard descriptor >= 0 else { return 0 }
            defer { close(descriptor) }
            var count: Int32 = 0
            return ioctl(descriptor, UInt(FIONREAD), &count) == 0 ? count : 0
        }.max() ?? 0
    }
}
