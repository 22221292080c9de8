import JSONRPC
import KenterProtocol

/// What a plugin's state means for those who want something of it.
extension PluginLifecycle.State {
    /// Whether it has not run yet but will, unless something goes wrong.
    var isBeginning: Bool {
        switch self {
        case .found, .starting, .ending(.restart): true
        case .running, .backingOff, .failed, .ending(.stop), .ending(.fail), .stopped: false
        }
    }

    var shown: PluginSummary.State {
        switch self {
        case .found, .starting, .ending(.restart): .starting
        case .running: .running
        case .backingOff: .backingOff
        case .failed, .ending(.fail): .failed
        case .ending(.stop), .stopped: .stopped
        }
    }

    /// Why it does not run; `nil` while it does or begins to.
    var reason: String? {
        switch self {
        case .found, .starting, .running, .ending(.restart): nil
        case .backingOff(let reason, _): "it \(reason)"
        case .failed(let reason), .ending(.fail(let reason)): reason
        case .ending(.stop), .stopped: "it was stopped"
        }
    }

    /// What a call gets instead of being made: the plugin, its state, the reason and what to do; `nil` when it may wait.
    func refusal(of plugin: String) -> RPCError? {
        let text: String
        switch self {
        case .found, .starting, .running, .ending(.restart): return nil
        case .backingOff(let reason, let delay):
            text =
                "plugin '\(plugin)' is not running: it \(reason); it is started again within \(delay), so try again then"
        case .failed(let reason), .ending(.fail(let reason)):
            text =
                "plugin '\(plugin)' has failed: \(reason); "
                + "once that is mended, run 'kenter plugin restart \(plugin)'"
        case .ending(.stop), .stopped: text = "plugin '\(plugin)' is stopped: the engine is shutting down"
        }
        return RPCError(.unavailable, text, details: ["plugin": .string(plugin), "state": .string(shown.rawValue)])
    }
}
