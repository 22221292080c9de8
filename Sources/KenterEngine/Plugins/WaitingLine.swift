import JSONRPC
import Synchronization

/// Tasks that wait their turn for something that its owner gives them, one after another.
final class WaitingLine<Value: Sendable>: Sendable {
    private struct State {
        var lastNumber: UInt64 = 0
        var waiting: [(number: UInt64, continuation: CheckedContinuation<Value, any Error>)] = []
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.waiting.count } }

    /// Waits to be given a value; throws `late` at the deadline and `cancelled` when the task is cancelled.
    ///
    /// Joins the line before it first suspends, so an owner that is an actor misses nobody.
    func wait(until deadline: ContinuousClock.Instant, late: RPCError, cancelled: RPCError) async throws -> Value {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        return try await withTaskCancellationHandler {
            // Unstructured because whoever has been served must not wait for it; it is cancelled right then.
            let timer = Task {
                try await Task.sleep(until: deadline)
                self.leave(number, late)
            }
            defer { timer.cancel() }
            return try await withCheckedThrowingContinuation { continuation in
                state.withLock { $0.waiting.append((number, continuation)) }
                // Cancelled before it stood in the line: the handler found nobody.
                if Task.isCancelled { leave(number, cancelled) }
            }
        } onCancel: {
            leave(number, cancelled)
        }
    }

    /// Serves the first in the line; false when nobody waits.
    func serve(_ value: Value) -> Bool {
        let first = state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
        first?.continuation.resume(returning: value)
        return first != nil
    }

    func serveAll(_ value: Value) {
        for waiter in takeAll() { waiter.continuation.resume(returning: value) }
    }

    func failAll(_ error: RPCError) {
        for waiter in takeAll() { waiter.continuation.resume(throwing: error) }
    }

    private func takeAll() -> [(number: UInt64, continuation: CheckedContinuation<Value, any Error>)] {
        state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    private func leave(_ number: UInt64, _ error: RPCError) {
        let waiter = state.withLock { state in
            state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0) }
        }
        waiter?.continuation.resume(throwing: error)
    }
}
