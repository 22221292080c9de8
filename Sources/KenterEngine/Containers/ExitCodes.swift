import Synchronization

/// Exit codes of the latest containers to end, for those who ask after the container is gone.
final class ExitCodes: Sendable {
    private struct State {
        var codes: [String: Int32] = [:]
        var order: [String] = []
    }

    private static let limit = 1000
    private let state = Mutex(State())

    func record(_ code: Int32, of id: String) {
        state.withLock { state in
            if state.codes.updateValue(code, forKey: id) == nil { state.order.append(id) }
            if state.order.count > Self.limit { state.codes[state.order.removeFirst()] = nil }
        }
    }

    func code(of id: String) -> Int32? { state.withLock { $0.codes[id] } }
}
