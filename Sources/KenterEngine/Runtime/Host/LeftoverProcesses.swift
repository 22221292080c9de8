import CLinux
import Glibc
import Threads

/// Tools that an engine which died has left at work. What they do must not happen once the next one has begun: it may undo
/// the same, or do it anew.
enum LeftoverProcesses {
    /// Kills the processes of which this is true, and waits until they are gone; not longer than five seconds for each, as
    /// the kernel may hold one for ever.
    static func end(_ isLeftover: @escaping @Sendable (Int32) -> Bool) async {
        await DetachedThread.run {
            for pid in SmallFile.names(in: "/proc").compactMap({ Int32($0) }) where isLeftover(pid) {
                let descriptor = clinux_pidfd_open(pid)
                guard descriptor >= 0 else { continue }
                defer { close(descriptor) }
                // The descriptor holds whichever process has the id now.
                guard isLeftover(pid), clinux_pidfd_send_signal(descriptor, SIGKILL) == 0 else { continue }
                var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                poll(&polled, 1, 5000)
            }
        }
    }

    /// The arguments of a process, its name first; none when it is gone.
    static func arguments(of pid: Int32) -> [String] { words("/proc/\(pid)/cmdline") }

    /// What a process got as its environment; nothing when it is gone.
    static func environment(of pid: Int32) -> [String] { words("/proc/\(pid)/environ") }

    private static func words(_ path: String) -> [String] {
        (SmallFile.read(path) ?? []).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }
}
