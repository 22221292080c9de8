import Logging
import Synchronization

/// Bounds how much one plugin says in a second. What was left out is told once, with the next that is let through.
final class PluginBudget: Sendable {
    private struct Use {
        var second: Int64 = .min
        var admitted = 0
        /// Since the last one that was admitted.
        var refused = 0
    }

    private let perSecond: Int
    private let excess: Logger.Message
    private let log: Logger
    private let clock: PluginClock
    private let use = Mutex(Use())

    private init(perSecond: Int, _ excess: Logger.Message, log: Logger, clock: PluginClock) {
        self.perSecond = perSecond
        self.excess = excess
        self.log = log
        self.clock = clock
    }

    /// For lines of the engine's log.
    static func lines(log: Logger, clock: PluginClock) -> PluginBudget {
        PluginBudget(perSecond: 200, "plugin wrote more than the log takes", log: log, clock: clock)
    }

    /// For events, each of which is written to the disk and takes the place of an older one.
    static func events(log: Logger, clock: PluginClock) -> PluginBudget {
        PluginBudget(perSecond: 20, "plugin sent more events than are recorded", log: log, clock: clock)
    }

    /// Whether one more is let through.
    func admit() -> Bool {
        let second = clock.now().components.seconds
        let (isAdmitted, leftOut) = use.withLock { use in
            if second != use.second { (use.second, use.admitted) = (second, 0) }
            guard use.admitted < perSecond else {
                use.refused += 1
                return (false, 0)
            }
            use.admitted += 1
            defer { use.refused = 0 }
            return (true, use.refused)
        }
        if leftOut > 0 { log.warning(excess, metadata: ["leftOut": "\(leftOut)"]) }
        return isAdmitted
    }
}
