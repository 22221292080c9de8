import Synchronization

/// Tasks that outlive the call that started them, by key; at most one a key.
final class TaskTable: Sendable {
    private struct State {
        var tasks: [String: (generation: Int, task: Task<Void, Never>)] = [:]
        var lastGeneration = 0
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Starts `body`; a task of the same key is cancelled. Does nothing once closed.
    func start(_ key: String, _ body: @escaping @Sendable () async -> Void) {
        let replaced = state.withLock { state -> Task<Void, Never>? in
            guard !state.isClosed else { return nil }
            state.lastGeneration += 1
            let generation = state.lastGeneration
            let replaced = state.tasks[key]?.task
            // Unstructured because it goes on after the call; this table owns it.
            let task = Task {
                await body()
                self.remove(key, generation)
            }
            state.tasks[key] = (generation, task)
            return replaced
        }
        replaced?.cancel()
    }

    func cancel(_ key: String) {
        state.withLock { $0.tasks.removeValue(forKey: key)?.task }?.cancel()
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

    private func remove(_ key: String, _ generation: Int) {
        state.withLock { state in
            if state.tasks[key]?.generation == generation { state.tasks[key] = nil }
        }
    }
}
