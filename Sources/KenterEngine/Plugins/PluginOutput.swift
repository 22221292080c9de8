import Logging
import Synchronization

/// What a plugin says for people: its standard error and its `plugin.log`, bound for the engine's log.
final class PluginOutput: Sendable {
    private struct State {
        var lines = StderrLines()
        var budget = LogBudget()
    }

    private let log: Logger
    private let clock: PluginClock
    private let state = Mutex(State())

    /// - Parameter log: Names the plugin in its metadata.
    init(log: Logger, clock: PluginClock) {
        self.log = log
        self.clock = clock
    }

    /// The last lines of standard error, escaped.
    var lastLines: [String] { state.withLock { $0.lines.last }.map(\.text) }

    /// A new process begins: the words of the last one are not its own.
    func begin() { state.withLock { $0.lines = StderrLines() } }

    func append(standardError bytes: some Collection<UInt8>) {
        for line in state.withLock({ $0.lines.append(bytes) }) { write(line.text, .info) }
    }

    /// Standard error is at its end.
    func finish() {
        if let line = state.withLock({ $0.lines.finish() }) { write(line.text, .info) }
    }

    /// A line of `plugin.log`; an unknown level counts as `info`.
    func append(message: String, level: String) {
        write(LogText.escape(message, limit: 4096), Logger.Level(rawValue: level) ?? .info)
    }

    private func write(_ line: @autoclosure () -> String, _ level: Logger.Level) {
        let now = clock.now()
        let (isAdmitted, refusedBefore) = state.withLock { $0.budget.admit(at: now) }
        guard isAdmitted else { return }
        if refusedBefore > 0 {
            log.warning("plugin wrote more than the log takes", metadata: ["linesLeftOut": "\(refusedBefore)"])
        }
        log.log(level: level, "plugin says", metadata: ["line": "\(line())"])
    }
}
