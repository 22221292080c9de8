import Glibc
import Synchronization

/// Copies to and from containers that are under way: each holds its container's files, and so ends before they go.
final class ActiveCopies: Sendable {
    private struct ActiveCopy {
        var process: ExecutedProcess
        var stream: ClientStream
    }

    private struct State {
        var copies: [String: [Int: ActiveCopy]] = [:]
        /// How many removals of a container go on, which take no copy that begins meanwhile.
        var refusals: [String: Int] = [:]
        /// Those that were ended here.
        var ended: Set<Int> = []
        var lastKey = 0
    }

    private let state = Mutex(State())

    /// Remembers a copy until ``remove(_:of:)``; `nil` where none may begin.
    func add(_ process: ExecutedProcess, _ stream: ClientStream, of id: String) -> Int? {
        state.withLock { state in
            guard state.refusals[id] == nil else { return nil }
            state.lastKey += 1
            state.copies[id, default: [:]][state.lastKey] = ActiveCopy(process: process, stream: stream)
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

    /// From now on no copy of a container begins, until ``allow(_:)`` has been called as often.
    func refuse(_ id: String) { state.withLock { $0.refusals[id, default: 0] += 1 } }

    func allow(_ id: String) {
        state.withLock { state in
            guard let count = state.refusals[id] else { return }
            state.refusals[id] = count > 1 ? count - 1 : nil
        }
    }

    func isRefused(_ id: String) -> Bool { state.withLock { $0.refusals[id] != nil } }

    /// The containers that are copied from or to.
    var containers: [String] { state.withLock { Array($0.copies.keys) } }

    /// Ends the copies of a container; returns when they have let go of its files.
    func end(_ id: String) async {
        let ended = state.withLock { state -> [ActiveCopy] in
            guard let copies = state.copies[id] else { return [] }
            state.ended.formUnion(copies.keys)
            return Array(copies.values)
        }
        for copy in ended {
            copy.process.send(signal: SIGKILL)
            // What it has written is nobody's any more; a pipe that nobody reads would hold up its end.
            copy.process.streams.takeRest()
            // The process may have ended already, with a client that does not take the rest.
            copy.stream.close()
        }
        for copy in ended { _ = await copy.process.exitCode() }
    }
}
