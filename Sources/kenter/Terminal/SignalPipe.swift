import CLinux
import Glibc
import Synchronization
import Threads

/// Signals of this process, handed on by a thread of its own in the order they came.
///
/// Handlers and a pipe rather than sigwait(3): threads of the concurrency pool may exist already, with all signals
/// unblocked.
enum SignalPipe {
    private struct State {
        var bodies: [Int32: @Sendable (Int32) -> Void] = [:]
        /// Those that came before anybody wanted them.
        var kept: [Int32] = []
        var hasStarted = false
    }

    private static let state = Mutex(State())
    private static let writing = Atomic<Int32>(-1)

    /// From now on these signals are kept instead of ending the process.
    static func hold(_ signals: [Int32]) {
        start()
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
    }

    /// Calls `body` with those that were kept and those to come.
    static func handle(_ signals: [Int32], _ body: @escaping @Sendable (Int32) -> Void) {
        hold(signals)
        let kept = state.withLock { state in
            for number in signals { state.bodies[number] = body }
            defer { state.kept.removeAll(where: signals.contains) }
            return state.kept.filter(signals.contains)
        }
        for number in kept { body(number) }
    }

    private static func start() {
        let isFirst = state.withLock { state in
            defer { state.hasStarted = true }
            return !state.hasStarted
        }
        var ends: [Int32] = [-1, -1]
        guard isFirst, clinux_pipe(&ends) == 0 else { return }
        writing.store(ends[1], ordering: .sequentiallyConsistent)
        DetachedThread.start { [reading = ends[0]] in
            var byte: UInt8 = 0
            while true {
                let count = read(reading, &byte, 1)
                if count == 1 { deliver(Int32(byte)) } else if count == 0 || errno != EINTR { return }
            }
        }
    }

    private static func deliver(_ number: Int32) {
        let body = state.withLock { state in
            if state.bodies[number] == nil { state.kept.append(number) }
            return state.bodies[number]
        }
        body?(number)
    }
}
