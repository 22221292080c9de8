import Synchronization

/// Wakes whoever waits for a container to come to a state: they look at the state, not at what woke them.
final class ContainerConditions: Sendable {
    private let waiting = Mutex<[String: [Int: AsyncStream<Void>.Continuation]]>([:])
    private let lastKey = Mutex(0)

    /// The container's state has changed, or it is gone.
    func changed(_ id: String) {
        let waiting = waiting.withLock { $0[id].map { Array($0.values) } ?? [] }
        for continuation in waiting { continuation.yield() }
    }

    /// Returns what `look` finds, asking it now and after every change; throws when the task is cancelled.
    func wait<R>(for id: String, _ look: () throws -> R?) async throws -> R {
        try await wait(for: [id], look)
    }

    /// The same for several containers: a change of any of them is looked at.
    func wait<R>(for ids: [String], _ look: () throws -> R?) async throws -> R {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let key = lastKey.withLock { key in
            key += 1
            return key
        }
        waiting.withLock { waiting in
            for id in ids { waiting[id, default: [:]][key] = continuation }
        }
        defer {
            waiting.withLock { waiting in
                for id in ids {
                    waiting[id]?[key] = nil
                    if waiting[id]?.isEmpty == true { waiting[id] = nil }
                }
            }
        }
        continuation.yield()
        for await _ in stream {
            if let found = try look() { return found }
        }
        throw CancellationError()
    }
}
