import CLinux
import Glibc
import Synchronization

/// What one thread has found, for another that waits for it without the concurrency pool.
final class Outcome<R: Sendable>: Sendable {
    private let value = Mutex<R?>(nil)
    private let isDone = clinux_eventfd()

    deinit { close(isDone) }

    func finish(_ value: R) {
        self.value.withLock { $0 = value }
        var one: UInt64 = 1
        _ = write(isDone, &one, 8)
    }

    /// Blocks the calling thread.
    func wait() -> R {
        var polled = pollfd(fd: isDone, events: Int16(POLLIN), revents: 0)
        while true {
            if let value = value.withLock({ $0 }) { return value }
            poll(&polled, 1, -1)
        }
    }
}
