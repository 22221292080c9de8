import KenterProtocol
import KenterState

/// What `ps` says of a container, as Docker says it.
enum StatusText {
    static func text(_ state: ContainerState, now: Timestamp) -> String {
        let text = plainText(state, now: now)
        if state.status == .running { return text + healthText(state.health?.status) }
        return state.waitsFor.map { "\(text) (waiting for \($0))" } ?? text
    }

    private static func healthText(_ health: HealthStatus?) -> String {
        switch health {
        case nil: ""
        case .starting: " (health: starting)"
        case .healthy: " (healthy)"
        case .unhealthy: " (unhealthy)"
        }
    }

    private static func plainText(_ state: ContainerState, now: Timestamp) -> String {
        let since = { (time: Timestamp?) in duration(seconds: seconds(from: time ?? now, to: now)) }
        switch state.status {
        case .created: return state.isStarting ? "Starting" : "Created"
        case .running: return "Up \(since(state.startedAt))"
        case .paused: return "Up \(since(state.startedAt)) (Paused)"
        case .restarting: return "Restarting (\(state.exitCode ?? 0)) \(since(state.finishedAt)) ago"
        case .exited: return "Exited (\(state.exitCode ?? 0)) \(since(state.finishedAt)) ago"
        case .removing: return "Removal In Progress"
        }
    }

    /// Whole seconds that have passed: of two moments the earlier one is never the shorter time ago.
    private static func seconds(from earlier: Timestamp, to now: Timestamp) -> Int64 {
        let (nanoseconds, isTooLong) = now.nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        return (isTooLong ? .max : nanoseconds) / 1_000_000_000
    }

    /// A length of time in one round number.
    static func duration(seconds: Int64) -> String {
        let (minutes, hours) = (seconds / 60, (seconds + 1800) / 3600)
        switch seconds {
        case ..<1: return "Less than a second"
        case 1: return "1 second"
        case ..<60: return "\(seconds) seconds"
        case ..<120: return "About a minute"
        case ..<3600: return "\(minutes) minutes"
        default: break
        }
        if hours == 1 { return "About an hour" }
        if hours < 48 { return "\(hours) hours" }
        if hours < 24 * 14 { return "\(hours / 24) days" }
        if hours < 24 * 60 { return "\(hours / 24 / 7) weeks" }
        if hours < 24 * 365 * 2 { return "\(hours / 24 / 30) months" }
        return "\(hours / 24 / 365) years"
    }
}
