import KenterProtocol

/// The health of one container from its start to its end, as decisions only: results come in, health follows.
///
/// The rules are Docker's: one success makes healthy; as many failures in a row as the plan says make unhealthy; within
/// the start period failures do not count until a check has succeeded.
struct HealthCourse: Sendable, Equatable {
    static let keptResults = 5
    static let outputBytes = 4096

    let plan: HealthPlan
    let startedAt: Timestamp
    private(set) var health: ContainerHealth

    /// How long to wait, from the end of one check or from the start of the container, before the next.
    func pause(now: Timestamp) -> Duration {
        health.status == .starting && isInStartPeriod(now) ? plan.startInterval : plan.interval
    }

    /// Takes in a check that has ended; whether the status is another one now.
    mutating func finished(_ result: ContainerHealth.Result) -> Bool {
        let before = health.status
        health.results.append(result)
        if health.results.count > Self.keptResults { health.results.removeFirst() }
        if result.exitCode == 0 {
            health.failingStreak = 0
            health.status = .healthy
        } else if health.status != .starting || !isInStartPeriod(result.startedAt) {
            health.failingStreak += 1
            if health.failingStreak >= plan.retries { health.status = .unhealthy }
        }
        return health.status != before
    }

    private func isInStartPeriod(_ time: Timestamp) -> Bool {
        .nanoseconds(time.nanoseconds - startedAt.nanoseconds) < plan.startPeriod
    }
}
