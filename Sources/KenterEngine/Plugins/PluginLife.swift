import Synchronization

/// What a conversation with a plugin ends with: a process of its own, or a connection to one started elsewhere.
protocol PluginLife: Sendable {
    /// 0 for a plugin that somebody else has started.
    var pid: Int32 { get }
    /// Ends it by force; the first cause is kept. Nothing once it has ended.
    func kill(_ cause: PluginEnding.Cause)
    /// From now on its end is no accident.
    func expectEnd()
    /// How it came to its end; `nil` while it lasts.
    var ended: PluginEnding? { get }
    /// Waits until it has ended, which its owner has to see to.
    func ending() async -> PluginEnding
}

/// A connection to a plugin that was started elsewhere: its end is the end of the connection.
final class RemotePlugin: PluginLife {
    private struct State {
        var cause: PluginEnding.Cause?
        var ending: PluginEnding?
        var waiters: [CheckedContinuation<PluginEnding, Never>] = []
        var hangUp: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    let pid: Int32 = 0

    /// How to end the connection, once there is one.
    func connect(hangUp: @escaping @Sendable () -> Void) { state.withLock { $0.hangUp = hangUp } }

    func kill(_ cause: PluginEnding.Cause) {
        let hangUp = state.withLock { state in
            if state.cause == nil || state.cause == .asked { state.cause = cause }
            return state.hangUp
        }
        hangUp?()
        end()
    }

    func expectEnd() { state.withLock { state in if state.cause == nil { state.cause = .asked } } }

    /// The connection has ended.
    func end() {
        let (ending, waiters) = state.withLock { state in
            let cause = state.cause ?? .failure("closed the connection")
            let ending = state.ending ?? PluginEnding(status: nil, cause: cause, lastLines: [])
            state.ending = ending
            state.hangUp = nil
            defer { state.waiters = [] }
            return (ending, state.waiters)
        }
        for waiter in waiters { waiter.resume(returning: ending) }
    }

    var ended: PluginEnding? { state.withLock { $0.ending } }

    func ending() async -> PluginEnding {
        await withCheckedContinuation { continuation in
            let ending = state.withLock { state in
                if state.ending == nil { state.waiters.append(continuation) }
                return state.ending
            }
            if let ending { continuation.resume(returning: ending) }
        }
    }
}
