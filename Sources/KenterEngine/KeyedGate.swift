import Synchronization

/// Lets one operation at a time through for each key, in the order of arrival.
final class KeyedGate: Sendable {
    /// Key → who waits behind the operation that is inside.
    private let waiting = Mutex<[String: [CheckedContinuation<Void, Never>]]>([:])

    /// Runs `body` when every earlier operation on `key` is done.
    func enter<R>(_ key: String, _ body: () async throws -> R) async rethrows -> R {
        await wait(key)
        defer { leave(key) }
        return try await body()
    }

    /// Runs `body` when every earlier operation on each of `keys`, which are all different, is done.
    func enter<R>(all keys: [String], _ body: () async throws -> R) async rethrows -> R {
        // In one order for everybody: nobody waits in a circle.
        let ordered = keys.sorted()
        for key in ordered { await wait(key) }
        defer { for key in ordered.reversed() { leave(key) } }
        return try await body()
    }

    private func wait(_ key: String) async {
        await withCheckedContinuation { continuation in
            let isFree = waiting.withLock { waiting in
                if waiting[key] == nil {
                    waiting[key] = []
                    return true
                }
                waiting[key]?.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    private func leave(_ key: String) {
        let next = waiting.withLock { waiting -> CheckedContinuation<Void, Never>? in
            guard let queue = waiting[key], !queue.isEmpty else {
                waiting[key] = nil
                return nil
            }
            return waiting[key]?.removeFirst()
        }
        next?.resume()
    }
}
