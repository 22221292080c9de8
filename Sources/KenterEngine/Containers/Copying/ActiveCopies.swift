import Glibc
import Synchronization

/// Copies to and from containers that are under way: each holds its container's files, and so ends before they go.
final class ActiveCopies: Sendable {
    private struct State {
        var copies: [String: [Int: ExecutedProcess]] = [:]
        /// Those that were ended here.
        var ended: Set<Int> = []
        var lastKey = 0
    }

    private let state = Mutex(State())

    /// Remembers a copy until ``remove(_:of:)``.
    func add(_ copier: ExecutedProcess, of id: String) -> Int {
        state.withLock { state in
            state.lastKey += 1
            state.copies[id, default: [:]][state.lastKey] = copier
            return state.lastKey
        }
    }

    /// Whether it was ended by ``end(_:)``.
    @discardableResult
    func remove(_ key: Int, of id: String) -> Bool {
        state.withLock { state in
            state.copies[id]?[key] = nil
            if state.copies[id]?.isEmpty == true { state.copies[id] = nil }
            return state.ended.remove(key) != nil
        }
    }

    /// The containers that are copied from or to.
    var containers: [String] { state.withLock { Array($0.copies.keys) } }

    /// Ends the copies of a container; returns when they have let go of its files.
    func end(_ id: String) async {
        let copiers = state.withLock { state -> [ExecutedProcess] in
            guard let copies = state.copies[id] else { return [] }
            state.ended.formUnion(copies.keys)
            return Array(copies.values)
        }
        for copier in copiers {
            copier.send(signal: SIGKILL)
            // What it has written is nobody's any more; a pipe that nobody reads would hold up its end.
            copier.streams.takeRest()
        }
        for copier in copiers { _ = await copier.exitCode() }
    }
}
