import JSONRPC
import KenterProtocol
import Synchronization

/// Sends `$/progress`: at most ten a second, never backwards, none after the answer; does nothing when nobody asked.
final class ProgressReporter: Sendable {
    private struct State {
        var lastReport: ContinuousClock.Instant?
        /// The furthest so far of what is counted now.
        var done: Int?
        var counted: String?
        var isOver = false
    }

    static let messagesPerSecond = 10
    /// Leaves room for `begin` and `end` among the messages of one second.
    private static let pause: Duration = .seconds(1) / (messagesPerSecond - 2)

    private let token: String?
    private let connection: Connection
    private let state = Mutex(State())

    init(token: String?, _ connection: Connection) {
        self.token = token
        self.connection = connection
    }

    func begin(_ message: String) { send(Progress.Value(kind: .begin, message: message)) }

    /// `done` counts up for one message and unit; a smaller number than before is raised to that.
    func report(_ message: String, done: Int? = nil, total: Int? = nil, unit: String? = nil) {
        guard token != nil else { return }
        let now = ContinuousClock.now
        let (isDue, reached) = state.withLock { state -> (Bool, Int?) in
            let counted = unit.map { "\(message) \($0)" }
            if state.counted != counted { (state.counted, state.done) = (counted, nil) }
            if let done { state.done = max(done, state.done ?? 0) }
            if let last = state.lastReport, now - last < Self.pause { return (false, nil) }
            state.lastReport = now
            return (true, done == nil ? nil : state.done)
        }
        if isDue { send(Progress.Value(kind: .report, message: message, done: reached, total: total, unit: unit)) }
    }

    func end(_ message: String? = nil) { send(Progress.Value(kind: .end, message: message)) }

    /// The request is about to be answered: whoever reports still is not heard.
    func close() { state.withLock { $0.isOver = true } }

    private func send(_ value: Progress.Value) {
        guard let token else { return }
        state.withLock { state in
            guard !state.isOver,
                let params = try? JSONValueEncoder().encodeObject(Progress(token: token, value: value))  // Encodes.
            else { return }
            // Within the lock, so that none is on its way when the answer is sent.
            connection.notify(Progress.name, params)
        }
    }
}
