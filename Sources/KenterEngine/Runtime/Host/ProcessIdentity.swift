import CLinux
import Glibc

/// A process that is told apart from a later one with the same id by the time it started.
package struct ProcessIdentity: Sendable, Hashable, Codable {
    package var pid: Int32
    /// Clock ticks between boot and its start (field 22 of /proc/PID/stat).
    package var startTicks: UInt64

    package init(pid: Int32, startTicks: UInt64) {
        self.pid = pid
        self.startTicks = startTicks
    }

    /// The process that has this id now; `nil` when there is none, or only one that has ended.
    package init?(running pid: Int32) {
        guard pid > 0, let text = SmallFile.readText("/proc/\(pid)/stat", limitBytes: 4096),
            let ticks = Self.startTicks(inStatus: text)
        else { return nil }
        self.init(pid: pid, startTicks: ticks)
    }

    /// Whether it still runs.
    package var isAlive: Bool { ProcessIdentity(running: pid) == self }

    /// Sends a signal to this process and to no other; false when it is gone.
    package func send(signal: Int32) -> Bool {
        let descriptor = clinux_pidfd_open(pid)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // The descriptor holds whichever process has the id now: only then is it clear that it is the right one.
        return isAlive && clinux_pidfd_send_signal(descriptor, signal) == 0
    }

    /// The start time in a line of /proc/PID/stat; `nil` for a zombie. The name in it may hold spaces and parentheses.
    static func startTicks(inStatus text: String) -> UInt64? {
        guard let end = text.utf8.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = text[text.utf8.index(after: end)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return UInt64(fields[19])
    }
}
