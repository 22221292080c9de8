import CLinux
import Glibc
import Synchronization

/// The requests of a peer that are being answered, by id.
final class RequestsInFlight: Sendable {
    private struct State {
        var tasks: [RequestID: Task<Void, Never>?] = [:]
        var isCancelled = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.tasks.count } }

    /// False when a request of that id is still in flight.
    func begin(_ id: RequestID) -> Bool {
        state.withLock { state in
            guard state.tasks[id] == nil else { return false }
            state.tasks.updateValue(nil, forKey: id)
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

    func end(_ id: RequestID) {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.tasks.removeValue(forKey: id)
            guard state.tasks.isEmpty else { return [] }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func cancel(_ id: RequestID) {
        let task = state.withLock { $0.tasks[id] ?? nil }
        task?.cancel()
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
                if !state.tasks.isEmpty { state.waiters.append(continuation) }
                return state.tasks.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
    }

    /// Blocks the calling thread (a connection's reader, which has nothing else to do) until `isReady` says so.
    func waitUntil(_ isReady: (Int) -> Bool) {
        while !isReady(count) { usleep(1_000) }
    }
}

/// Answers of one batch, sent together once all are there.
final class BatchAnswers: Sendable {
    private struct State {
        var answers: [Message] = []
        /// Answers still to come, and one more until the batch is closed.
        var missing = 1
    }

    private let state = Mutex(State())
    private let send: @Sendable ([Message]) -> Void

    init(send: @escaping @Sendable ([Message]) -> Void) {
        self.send = send
    }

    func expect() { state.withLock { $0.missing += 1 } }
    func add(_ answer: Message) { settle(answer) }
    func close() { settle(nil) }

    private func settle(_ answer: Message?) {
        let complete = state.withLock { state -> [Message]? in
            if let answer { state.answers.append(answer) }
            state.missing -= 1
            return state.missing == 0 ? state.answers : nil
        }
        if let complete { send(complete) }
    }
}
