import Synchronization

/// The requests of a peer that are being answered, by id.
final class RequestsInFlight: Sendable {
    private struct State {
        var tasks: [RequestID: Task<Void, Never>?] = [:]
        /// Requests that have begun and not ended, those whose answer is just being sent among them.
        var count = 0
        var isCancelled = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.count } }

    /// False when a request of that id is still in flight.
    func begin(_ id: RequestID) -> Bool {
        state.withLock { state in
            if let other = state.tasks.updateValue(nil, forKey: id) {
                state.tasks[id] = other
                return false
            }
            state.count += 1
            return true
        }
    }

    /// Names the task that answers it, unless it has ended already.
    func attach(_ task: Task<Void, Never>, to id: RequestID) {
        let isCancelled = state.withLock { state in
            if state.tasks[id] != nil { state.tasks[id] = .some(task) }
            return state.isCancelled
        }
        if isCancelled { task.cancel() }
    }

    /// Its answer is about to be sent: from then on the peer may use the id again.
    func release(_ id: RequestID) { state.withLock { _ = $0.tasks.removeValue(forKey: id) } }

    /// The answer of a released request has been sent.
    func end() {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.count -= 1
            guard state.count == 0 else { return [] }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// False when no request of that id is in flight.
    func cancel(_ id: RequestID) -> Bool {
        let entry = state.withLock { $0.tasks[id] }
        if case .some(.some(let task)) = entry { task.cancel() }
        return entry != nil
    }

    func cancelAll() {
        let tasks = state.withLock { state in
            state.isCancelled = true
            return state.tasks.values.compactMap { $0 }
        }
        for task in tasks { task.cancel() }
    }

    func waitUntilEmpty() async {
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if state.count > 0 { state.waiters.append(continuation) }
                return state.count == 0
            }
            if isEmpty { continuation.resume() }
        }
    }
}
