import CLinux
import Glibc
import Synchronization
import Threads

/// Tells when processes end, be they children of this one or not: one thread for all of them.
final class ProcessWatcher: Sendable {
    private let core: Core

    init() throws(RuntimeError) {
        let core = try Core()
        self.core = core
        DetachedThread.start { core.run() }
    }

    deinit { core.stop() }

    /// Waits until the process is gone; at once when it is. False when the task is cancelled first.
    func end(of pid: Int32) async -> Bool {
        let number = core.newNumber()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                core.watch(pid, number: number) { continuation.resume(returning: $0) }
            }
        } onCancel: {
            core.cancel(number)
        }
    }

    /// Waits for a child of this process when it ends, so that it does not stay as a zombie.
    func reap(_ pid: Int32) {
        core.watch(pid, number: core.newNumber()) { _ in
            var status: Int32 = 0
            waitpid(pid, &status, WNOHANG)
        }
    }

    private final class Core: Sendable {
        private struct Watch {
            var descriptor: Int32
            var ended: @Sendable (Bool) -> Void
        }

        private struct State {
            var watches: [UInt64: Watch] = [:]
            var cancelled: Set<UInt64> = []
            var lastNumber: UInt64 = 0
        }

        private let state = Mutex(State())
        private let poller: Int32
        private let wakeup = Wakeup()
        private let isStopped = Atomic(false)

        init() throws(RuntimeError) {
            poller = epoll_create1(Int32(EPOLL_CLOEXEC))
            guard poller >= 0 else { throw SmallFile.failure("cannot watch processes") }
            add(wakeup.number, number: 0)
        }

        deinit { close(poller) }

        func newNumber() -> UInt64 {
            state.withLock { state in
                state.lastNumber += 1
                return state.lastNumber
            }
        }

        func watch(_ pid: Int32, number: UInt64, ended: @escaping @Sendable (Bool) -> Void) {
            let descriptor = clinux_pidfd_open(pid)
            guard descriptor >= 0 else {
                if errno == ESRCH { return ended(true) }
                // Out of descriptors is no proof of death: look again, until there is one.
                return DetachedThread.start {
                    usleep(100_000)
                    self.watch(pid, number: number, ended: ended)
                }
            }
            let isCancelled = state.withLock { state in
                if state.cancelled.remove(number) != nil { return true }
                state.watches[number] = Watch(descriptor: descriptor, ended: ended)
                // Under the lock: a cancellation closes the descriptor, and its number may be another file's at once.
                add(descriptor, number: number)
                return false
            }
            if isCancelled {
                close(descriptor)
                ended(false)
            }
        }

        /// Comes before its ``watch`` too, when the task was cancelled before it waited.
        func cancel(_ number: UInt64) {
            let watch = state.withLock { state in
                let watch = state.watches.removeValue(forKey: number)
                if watch == nil { state.cancelled.insert(number) }
                return watch
            }
            guard let watch else { return }
            close(watch.descriptor)
            watch.ended(false)
        }

        func stop() {
            isStopped.store(true, ordering: .releasing)
            wakeup.signal()
        }

        func run() {
            var events = [epoll_event](repeating: epoll_event(), count: 64)
            while !isStopped.load(ordering: .acquiring) {
                let count = epoll_wait(poller, &events, Int32(events.count), -1)
                guard count > 0 else { continue }
                for event in events[..<Int(count)] where event.data.u64 != 0 { finish(event.data.u64) }
            }
            let rest = state.withLock { state in
                defer { state.watches = [:] }
                return state.watches.values.map { $0 }
            }
            for watch in rest {
                close(watch.descriptor)
                watch.ended(false)
            }
        }

        private func finish(_ number: UInt64) {
            guard let watch = state.withLock({ $0.watches.removeValue(forKey: number) }) else { return }
            close(watch.descriptor)
            watch.ended(true)
        }

        private func add(_ descriptor: Int32, number: UInt64) {
            var event = epoll_event()
            event.events = EPOLLIN.rawValue
            event.data.u64 = number
            epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event)
        }
    }
}
