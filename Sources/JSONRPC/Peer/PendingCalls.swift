import Synchronization

/// Calls of this side that wait for their answer, by id.
final class PendingCalls: Sendable {
    private typealias Answer = Result<JSONObject, RPCError>

    private struct State {
        var lastID: Int64 = 0
        var waiting: [RequestID: CheckedContinuation<JSONObject, any Error>] = [:]
        /// Answered, cancelled or timed out before anybody waited.
        var early: [RequestID: Answer] = [:]
        /// Once the connection is over, what every call gets.
        var ended: RPCError?
    }

    private let state = Mutex(State())

    func newID() -> RequestID {
        state.withLock { state in
            state.lastID += 1
            return .integer(state.lastID)
        }
    }

    /// Waits for the answer to `id`, after `send` has sent the request.
    func wait(for id: RequestID, send: @Sendable () -> Void) async throws -> JSONObject {
        try await withCheckedThrowingContinuation { continuation in
            let settled = state.withLock { state -> Answer? in
                if let ended = state.ended { return .failure(ended) }
                if let answer = state.early.removeValue(forKey: id) { return answer }
                state.waiting[id] = continuation
                return nil
            }
            if let settled {
                continuation.resume(with: settled.mapError { $0 })
            } else {
                send()
            }
        }
    }

    /// Settles a call; false when nobody waits for it (any more).
    @discardableResult
    func finish(_ id: RequestID, _ outcome: Result<JSONObject, RPCError>) -> Bool {
        let continuation = state.withLock { state in
            let continuation = state.waiting.removeValue(forKey: id)
            if continuation == nil, case .failure(let error) = outcome,
                error.kind == .cancelled || error.kind == .timeout
            {
                state.early[id] = outcome
            }
            return continuation
        }
        continuation?.resume(with: outcome.mapError { $0 })
        return continuation != nil
    }

    func failAll(_ error: RPCError) {
        let waiting = state.withLock { state in
            state.ended = error
            defer { state.waiting = [:] }
            return state.waiting
        }
        for continuation in waiting.values { continuation.resume(throwing: error) }
    }
}
