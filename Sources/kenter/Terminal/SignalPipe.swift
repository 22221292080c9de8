import CLinux
import Glibc
import Synchronization
import Threads

/// Signals of this process as numbers on a pipe, in the order they came.
///
/// Handlers rather than sigwait(3): threads of the concurrency pool may exist already, with all signals unblocked.
enum SignalPipe {
    private static let writing = Atomic<Int32>(-1)

    /// From now on these signals are kept instead of ending the process; returns what to read them from.
    static func catching(_ signals: [Int32]) -> Int32? {
        var ends: [Int32] = [-1, -1]
        guard clinux_pipe(&ends) == 0 else { return nil }
        writing.store(ends[1], ordering: .sequentiallyConsistent)
        for number in signals {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { number in
                let savedErrno = errno
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(SignalPipe.writing.load(ordering: .sequentiallyConsistent), &byte, 1)
                errno = savedErrno
            }
            action.sa_flags = SA_RESTART
            sigaction(number, &action, nil)
        }
        return ends[0]
    }

    /// Calls `body` with every signal, on a thread of its own.
    static func forEach(on reading: Int32, _ body: @escaping @Sendable (Int32) -> Void) {
        DetachedThread.start {
            var byte: UInt8 = 0
            while true {
                let count = read(reading, &byte, 1)
                if count == 1 { body(Int32(byte)) } else if count == 0 || errno != EINTR { return }
            }
        }
    }
}
