import Synchronization

/// How the latest containers ended, for those who ask after the container is gone or runs again.
final class ExitCodes: Sendable {
    private struct State {
        var endings: [String: (code: Int32, count: Int)] = [:]
        var order: [String] = []
    }

    private static let limit = 1000
    private let state = Mutex(State())

    func record(_ code: Int32, of id: String) {
        state.withLock { state in
            let count = state.endings[id]?.count ?? 0
            state.endings[id] = (code, count + 1)
            if count == 0 { state.order.append(id) }
            if state.order.count > Self.limit { state.endings[state.order.removeFirst()] = nil }
        }
    }

    func code(of id: String) -> Int32? { state.withLock { $0.endings[id]?.code } }

    /// How often this engine has seen the container end.
    func count(of id: String) -> Int { state.withLock { $0.endings[id]?.count ?? 0 } }
}
