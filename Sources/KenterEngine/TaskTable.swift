import Synchronization

/// Tasks that outlive the call that started them, by key; at most one a key.
final class TaskTable: Sendable {
    /// Which task of a table this is.
    private final class Identity: Sendable {}

    private struct State {
        var tasks: [String: (identity: Identity, task: Task<Void, Never>)] = [:]
        var isClosed = false
    }

    /// Within a task of a table: that task, which never cancels itself, but ends what it is in the middle of.
    @TaskLocal private static var own: Identity?

    private let state = Mutex(State())

    /// Starts `body`; a task of the same key is cancelled. Does nothing once closed.
    func start(_ key: String, _ body: @escaping @Sendable () async -> Void) {
        let identity = Identity()
        let replaced = state.withLock { state -> (identity: Identity, task: Task<Void, Never>)? in
            guard !state.isClosed else { return nil }
            let replaced = state.tasks[key]
            // Unstructured because it goes on after the call; this table owns it.
            let task = Task {
                await RequestScope.free { await Self.$own.withValue(identity) { await body() } }
                self.remove(key, identity)
            }
            state.tasks[key] = (identity, task)
            return replaced
        }
        if let replaced, replaced.identity !== Self.own { replaced.task.cancel() }
    }

    func cancel(_ key: String) {
        let removed = state.withLock { $0.tasks.removeValue(forKey: key) }
        if let removed, removed.identity !== Self.own { removed.task.cancel() }
    }

    /// Cancels all tasks, refuses further ones, and waits for their end.
    func close() async {
        let tasks = state.withLock { state in
            state.isClosed = true
            defer { state.tasks = [:] }
            return state.tasks.values.map(\.task)
        }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    private func remove(_ key: String, _ identity: Identity) {
        state.withLock { state in
            if state.tasks[key]?.identity === identity { state.tasks[key] = nil }
        }
    }
}
