import CLinux
import Glibc
import Synchronization

/// The thread that starts others when the system has none to give for a while, made while there still are some.
final class StandbyThread: Sendable {
    static let shared = StandbyThread()

    private let waiting = Mutex<[DetachedWork]>([])
    private let wakeup = clinux_eventfd()
    private let isRunning = Mutex(false)

    private init() {
        startIfNeeded()
    }

    /// Starts `work` as soon as there is a thread for it.
    func take(_ work: DetachedWork) {
        waiting.withLock { $0.append(work) }
        // Made in a shortage, this has no thread yet, and nobody but the caller to wait for one.
        while !startIfNeeded() { usleep(Self.pauseMicroseconds) }
        var one: UInt64 = 1
        _ = write(wakeup, &one, 8)
    }

    private static let pauseMicroseconds: UInt32 = 10_000

    /// For as long as the process lives; false when there is no thread for it either.
    @discardableResult
    private func startIfNeeded() -> Bool {
        isRunning.withLock { isRunning in
            if !isRunning { isRunning = DetachedWork(stackBytes: 64 << 10) { self.run() }.start() }
            return isRunning
        }
    }

    private func run() {
        var polled = pollfd(fd: wakeup, events: Int16(POLLIN), revents: 0)
        while true {
            poll(&polled, 1, -1)
            var count: UInt64 = 0
            _ = read(wakeup, &count, 8)
            while let next = waiting.withLock({ $0.first }) {
                if next.start() {
                    waiting.withLock { _ = $0.removeFirst() }
                } else {
                    usleep(Self.pauseMicroseconds)
                }
            }
        }
    }
}
