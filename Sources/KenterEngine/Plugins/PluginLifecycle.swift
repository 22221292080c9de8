/// The life of one plugin, as decisions only: events come in, actions go out to whoever can carry them out.
///
/// There is never more than one process: a restart waits until the old one has died.
struct PluginLifecycle: Sendable {
    /// What a plugin goes through before it works.
    enum Step: Sendable, Equatable {
        case hello, configure, reconcile
    }

    /// What happens once the process that is being ended is gone.
    enum Sequel: Sendable, Equatable {
        case stop
        case restart
        /// It cannot work, and another start would not change that.
        case fail(reason: String)
    }

    enum State: Sendable, Equatable {
        case found
        case starting(Step)
        case running
        /// It died, and is started again after a while.
        case backingOff(reason: String, delay: Duration)
        /// It stays down until it is restarted by hand.
        case failed(reason: String)
        case ending(Sequel)
        case stopped
    }

    enum Event: Sendable, Equatable {
        case start
        /// The present step of starting has succeeded.
        case stepDone
        /// The plugin cannot work on this host or with this engine.
        case refused(reason: String)
        /// There is no process any more, or it could not be made.
        case died(reason: String, at: Duration)
        /// The delay is over that ``Action/wake(after:number:)`` asked for.
        case woke(number: Int)
        /// Restart by hand.
        case restart
        case stop
    }

    enum Action: Sendable, Equatable {
        /// Start a process and say hello to it.
        case spawn
        case perform(Step)
        /// Let it finish: shutdown, end of input, and force in the end. With no process, `died` follows at once.
        case end
        /// Send ``Event/woke(number:)`` after this time.
        case wake(after: Duration, number: Int)
        /// Callers that wait may go on.
        case admit
        /// Callers that wait are told that it does not run.
        case refuse
    }

    /// More deaths than these within ``window`` and it is not started again.
    static let toleratedDeaths = 10
    static let window: Duration = .seconds(600)
    static let shortestDelay: Duration = .milliseconds(500)
    static let longestDelay: Duration = .seconds(60)

    private(set) var state = State.found
    /// How often it was started after it had died.
    private(set) var restartCount = 0
    private var deaths: [Duration] = []
    /// Tells one delay from another that was overtaken by a restart.
    private var wakeNumber = 0

    mutating func event(_ event: Event) -> [Action] {
        switch event {
        case .start: return state == .found ? start() : []
        case .stepDone: return stepDone()
        case .refused(let reason):
            guard case .starting = state else { return [] }
            state = .ending(.fail(reason: reason))
            return [.refuse, .end]
        case .died(let reason, let now): return died(reason, at: now)
        case .woke(let number):
            guard case .backingOff = state, number == wakeNumber else { return [] }
            restartCount += 1
            return start()
        case .restart: return restart()
        case .stop: return stop()
        }
    }

    private mutating func start() -> [Action] {
        state = .starting(.hello)
        return [.spawn]
    }

    private mutating func stepDone() -> [Action] {
        switch state {
        case .starting(.hello):
            state = .starting(.configure)
            return [.perform(.configure)]
        case .starting(.configure):
            state = .starting(.reconcile)
            return [.perform(.reconcile)]
        case .starting(.reconcile):
            state = .running
            return [.admit]
        case .found, .running, .backingOff, .failed, .ending, .stopped: return []
        }
    }

    private mutating func died(_ reason: String, at now: Duration) -> [Action] {
        switch state {
        case .starting, .running: return diedUnasked(reason, at: now)
        case .ending(.stop):
            state = .stopped
            return [.refuse]
        case .ending(.restart): return start()
        case .ending(.fail(let reason)):
            state = .failed(reason: reason)
            return [.refuse]
        case .found, .backingOff, .failed, .stopped: return []
        }
    }

    private mutating func diedUnasked(_ reason: String, at now: Duration) -> [Action] {
        deaths.removeAll { now - $0 > Self.window }
        deaths.append(now)
        guard deaths.count <= Self.toleratedDeaths else {
            state = .failed(reason: "it died \(deaths.count) times within 10 minutes; the last time it \(reason)")
            return [.refuse]
        }
        let delay = min(Self.longestDelay, Self.shortestDelay * (1 << (deaths.count - 1)))
        wakeNumber += 1
        state = .backingOff(reason: reason, delay: delay)
        return [.refuse, .wake(after: delay, number: wakeNumber)]
    }

    private mutating func restart() -> [Action] {
        deaths = []
        switch state {
        case .found, .backingOff, .failed: return start()
        case .starting, .running:
            state = .ending(.restart)
            return [.end]
        case .ending(.fail): state = .ending(.restart)
        case .ending(.restart), .ending(.stop), .stopped: break
        }
        return []
    }

    private mutating func stop() -> [Action] {
        switch state {
        case .found, .backingOff, .failed:
            state = .stopped
            return [.refuse]
        case .starting, .running:
            state = .ending(.stop)
            return [.refuse, .end]
        case .ending:
            state = .ending(.stop)
            return [.refuse]
        case .stopped: return []
        }
    }
}
