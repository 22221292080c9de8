import KenterProtocol
import KenterState

/// Whether an exited container is started again, and when: a pure function of its policy and its state.
enum RestartDecision: Equatable {
    case stay
    case restart(after: Duration)

    /// The pause doubles from 100 ms to a minute, and starts over when the container has run for ten seconds.
    static func after(
        exitCode: Int32, policy: RestartPolicy, isWanted: Bool, restartCount: Int, ranFor: Duration
    ) -> RestartDecision {
        guard isWanted else { return .stay }
        switch policy.policy {
        case .no: return .stay
        case .onFailure:
            guard exitCode != 0 else { return .stay }
            if let limit = policy.maxRetries, limit > 0, restartCount >= limit { return .stay }
        case .always, .unlessStopped: break
        }
        if ranFor >= .seconds(10) { return .restart(after: .milliseconds(100)) }
        let doublings = min(restartCount, 10)
        return .restart(after: min(.milliseconds(100 * (1 << doublings)), .seconds(60)))
    }

    /// Whether a container that is not running is started when the engine starts.
    static func atEngineStart(policy: RestartPolicy, isWanted: Bool, hasFailed: Bool) -> Bool {
        switch policy.policy {
        case .no: false
        case .always: true
        case .unlessStopped: isWanted
        case .onFailure: isWanted && hasFailed
        }
    }
}
