import JSONRPC
import Synchronization

/// Tasks that wait their turn for something that its owner gives them, one after another.
final class WaitingLine<Value: Sendable>: Sendable {
    /// A place in the line: from the moment it is taken, what is given to it is kept.
    struct Place: Sendable {
        fileprivate let number: UInt64
    }

    private enum Slot {
        case taken
        case waiting(CheckedContinuation<Value, any Error>)
        case settled(Result<Value, any Error>)
    }

    private struct State {
        var lastNumber: UInt64 = 0
        /// Who has not been served yet, in the order of arrival.
        var line: [UInt64] = []
        var slots: [UInt64: Slot] = [:]
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.line.count } }

    /// Joins the line at once: an owner that is an actor has to do so before it first suspends, and misses nobody then.
    func join() -> Place {
        state.withLock { state in
            state.lastNumber += 1
            state.line.append(state.lastNumber)
            state.slots[state.lastNumber] = .taken
            return Place(number: state.lastNumber)
        }
    }

    /// Waits to be given a value; throws `late` at the deadline and `cancelled` when the task is cancelled. Once a place.
    func wait(
        at place: Place, until deadline: ContinuousClock.Instant, late: RPCError, cancelled: RPCError
    ) async throws -> Value {
        try await withTaskCancellationHandler {
            // Unstructured because whoever has been served must not wait for it; it is cancelled right then.
            let timer = Task {
                try await Task.sleep(until: deadline)
                self.leave(place, late)
            }
            defer { timer.cancel() }
            return try await withCheckedThrowingContinuation { continuation in
                let settled = state.withLock { state -> Result<Value, any Error>? in
                    if case .settled(let result) = state.slots.removeValue(forKey: place.number) { return result }
                    state.slots[place.number] = .waiting(continuation)
                    return nil
                }
                if let settled { continuation.resume(with: settled) }
            }
        } onCancel: {
            leave(place, cancelled)
        }
    }

    /// Serves the first in the line; false when nobody waits.
    func serve(_ value: Value) -> Bool {
        let first = state.withLock { state in
            state.line.isEmpty ? nil : Self.settle(state.line.removeFirst(), .success(value), &state)
        }
        first?.resume()
        return first != nil
    }

    func serveAll(_ value: Value) { settleAll(.success(value)) }

    func failAll(_ error: RPCError) { settleAll(.failure(error)) }

    private func settleAll(_ result: Result<Value, any Error>) {
        let all = state.withLock { state in
            defer { state.line = [] }
            return state.line.map { Self.settle($0, result, &state) }
        }
        for one in all { one.resume() }
    }

    private func leave(_ place: Place, _ error: RPCError) {
        let settled = state.withLock { state -> Settled? in
            guard let index = state.line.firstIndex(of: place.number) else { return nil }
            return Self.settle(state.line.remove(at: index), .failure(error), &state)
        }
        settled?.resume()
    }

    /// Somebody who has been served; to be resumed outside the lock, where it waits already.
    private struct Settled {
        var continuation: CheckedContinuation<Value, any Error>?
        var result: Result<Value, any Error>

        func resume() { continuation?.resume(with: result) }
    }

    private static func settle(_ number: UInt64, _ result: Result<Value, any Error>, _ state: inout State) -> Settled {
        if case .waiting(let continuation) = state.slots.removeValue(forKey: number) {
            return Settled(continuation: continuation, result: result)
        }
        state.slots[number] = .settled(result)
        return Settled(continuation: nil, result: result)
    }
}
