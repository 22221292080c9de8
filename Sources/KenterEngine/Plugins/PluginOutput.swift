import Logging
import Synchronization

/// What a plugin says for people: its standard error and its `plugin.log`, bound for the engine's log.
final class PluginOutput: Sendable {
    private let log: Logger
    private let budget: PluginBudget
    private let lines = Mutex(StderrLines())

    /// - Parameter log: Names the plugin in its metadata.
    init(log: Logger, clock: PluginClock) {
        self.log = log
        budget = .lines(log: log, clock: clock)
    }

    /// The last lines of standard error, escaped.
    var lastLines: [String] { lines.withLock { $0.last }.map(\.text) }

    /// A new process begins: the words of the last one are not its own.
    func begin() { lines.withLock { $0 = StderrLines() } }

    func append(standardError bytes: some Collection<UInt8>) {
        for line in lines.withLock({ $0.append(bytes) }) { write(line.text, .info) }
    }

    /// Standard error is at its end.
    func finish() {
        if let line = lines.withLock({ $0.finish() }) { write(line.text, .info) }
    }

    /// A line of `plugin.log`; an unknown level counts as `info`.
    func append(message: String, level: String) {
        write(LogText.escape(message, limit: 4096), Logger.Level(rawValue: level) ?? .info)
    }

    private func write(_ line: @autoclosure () -> String, _ level: Logger.Level) {
        guard budget.admit() else { return }
        log.log(level: level, "plugin says", metadata: ["line": "\(line())"])
    }
}
