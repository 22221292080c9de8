import KenterProtocol

/// Writes lines to the engine's log.
///
/// Lines that the engine does not take in time go to standard error, which it collects as well.
public struct PluginLogger: Sendable {
    private let notify: PluginNotify

    init(notify: @escaping PluginNotify) {
        self.notify = notify
    }

    /// Of use to whoever looks for a fault.
    public func debug(_ message: String) { write("debug", message) }
    /// Of use to whoever runs the engine.
    public func info(_ message: String) { write("info", message) }
    /// Something is not as it should be, and the plugin goes on.
    public func warning(_ message: String) { write("warning", message) }
    /// Something failed that no call can report.
    public func error(_ message: String) { write("error", message) }

    private func write(_ level: String, _ message: String) {
        notify(PluginLog.name, encodedNotification(PluginLog(level: level, message: message)))
    }
}
