import KenterProtocol
import KenterState

/// Whether an exited container is started again, and when: a pure function of its policy and its state.
enum RestartDecision: Equatable {
    case stay
    case restart(after: Duration)

    /// How long a container has to run for the next pause to be the shortest again.
    static let longRun: Duration = .seconds(10)

    /// The pause doubles from 100 ms to a minute.
    ///
    /// - Parameters:
    ///   - restartCount: Restarts since the last start by hand.
    ///   - hastyRestarts: Those since it last ran for ``longRun``; starts that fail count.
    static func after(
        exitCode: Int32, policy: RestartPolicy, isWanted: Bool, restartCount: Int, hastyRestarts: Int
    ) -> RestartDecision {
        guard isWanted else { return .stay }
        switch policy.policy {
        case .no: return .stay
        case .onFailure:
            guard exitCode != 0 else { return .stay }
            if let limit = policy.maxRetries, limit > 0, restartCount >= limit { return .stay }
        case .always, .unlessStopped: break
        }
        return .restart(after: min(.milliseconds(100 << min(hastyRestarts, 10)), .seconds(60)))
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

extension ContainerState {
    /// What becomes of a container that has ended, or could not be started again.
    func restartDecision(_ policy: RestartPolicy) -> RestartDecision {
        .after(
            exitCode: exitCode ?? 0, policy: policy, isWanted: isWanted, restartCount: restartCount,
            hastyRestarts: hastyRestarts ?? 0)
    }

    /// Its process has ended.
    mutating func end(_ exit: ContainerExit) {
        exitCode = exit.code
        finishedAt = exit.finishedAt
        oomKilled = exit.ranOutOfMemory
        let ranFor = exit.finishedAt.nanoseconds - (startedAt ?? exit.finishedAt).nanoseconds
        if .nanoseconds(ranFor) >= RestartDecision.longRun { hastyRestarts = nil }
    }

    /// It is about to be started again, whether that works or not.
    mutating func countRestart() {
        restartCount += 1
        hastyRestarts = (hastyRestarts ?? 0) + 1
    }
}
