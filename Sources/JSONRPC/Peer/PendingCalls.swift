import Synchronization

/// Calls of this side, by id, from the moment they get one until their answer is here or can no longer come.
final class PendingCalls: Sendable {
    private enum Call {
        /// Has an id; nobody waits yet.
        case issued
        /// Cancelled or timed out before anybody waited.
        case givenUp(RPCError)
        case waiting(CheckedContinuation<JSONObject, any Error>)
        /// Cancelled or timed out after it was sent: its answer may still come, and is dropped.
        case abandoned
    }

    private struct State {
        var lastID: Int64 = 0
        var calls: [RequestID: Call] = [:]
        /// Once the connection is over, what every call gets.
        var ended: RPCError?
    }

    private let state = Mutex(State())

    /// Whether the connection is over, and every call has failed for that.
    var hasEnded: Bool { state.withLock { $0.ended != nil } }

    func newID() -> RequestID {
        state.withLock { state in
            state.lastID += 1
            let id = RequestID.integer(state.lastID)
            state.calls[id] = .issued
            return id
        }
    }

    /// Takes an id back that was never sent.
    func forget(_ id: RequestID) { state.withLock { _ = $0.calls.removeValue(forKey: id) } }

    /// Waits for the answer to `id`, after `send` has sent the request.
    func wait(for id: RequestID, send: @Sendable () -> Void) async throws -> JSONObject {
        try await withCheckedThrowingContinuation { continuation in
            let failure = state.withLock { state -> RPCError? in
                if case .givenUp(let error) = state.calls[id] {
                    state.calls[id] = nil
                    return error
                }
                if state.ended == nil { state.calls[id] = .waiting(continuation) }
                return state.ended
            }
            if let failure {
                continuation.resume(throwing: failure)
            } else {
                send()
            }
        }
    }

    /// Settles a call with its answer; false when this side has no such call, or has its answer already.
    func answer(_ id: RequestID, _ outcome: Result<JSONObject, RPCError>) -> Bool {
        let call = state.withLock { state -> Call? in
            switch state.calls[id] {
            case .waiting, .abandoned: return state.calls.removeValue(forKey: id)
            case .issued, .givenUp, nil: return nil
            }
        }
        if case .waiting(let continuation) = call { continuation.resume(with: outcome.mapError { $0 }) }
        return call != nil
    }

    /// Fails a call that has no answer yet; true when it was sent, so that the peer should hear of it.
    func giveUp(_ id: RequestID, _ error: RPCError) -> Bool {
        let continuation = state.withLock { state -> CheckedContinuation<JSONObject, any Error>? in
            switch state.calls[id] {
            case .issued: state.calls[id] = .givenUp(error)
            case .waiting(let continuation):
                state.calls[id] = .abandoned
                return continuation
            case .givenUp, .abandoned, nil: break
            }
            return nil
        }
        continuation?.resume(throwing: error)
        return continuation != nil
    }

    /// Fails all that have been sent and have no answer yet; answers that still come are dropped.
    func failWaiting(_ error: RPCError) {
        let calls = state.withLock { state in
            state.calls.compactMap { id, call -> CheckedContinuation<JSONObject, any Error>? in
                guard case .waiting(let continuation) = call else { return nil }
                state.calls[id] = .abandoned
                return continuation
            }
        }
        for continuation in calls { continuation.resume(throwing: error) }
    }

    func failAll(_ error: RPCError) {
        let calls = state.withLock { state in
            state.ended = error
            defer { state.calls = [:] }
            return state.calls
        }
        for case .waiting(let continuation) in calls.values { continuation.resume(throwing: error) }
    }
}
