import ChildProcess
import CLinux
import Glibc
import JSONRPC
import KenterProtocol

/// How a plugin's process came to its end.
struct PluginEnding: Sendable, Equatable {
    /// Why the engine ended it; `nil` when it died by itself.
    enum Cause: Sendable, Equatable {
        /// It was asked to finish.
        case asked
        /// It broke the contract: what it did, after "it".
        case violation(String)
        /// Something it did not do, after "it".
        case failure(String)
    }

    var status: ExitStatus?
    var cause: Cause?
    /// The last lines of its standard error.
    var lastLines: [String]

    /// What happened, after "it".
    var reason: String {
        let fate: String =
            switch cause {
            case .violation(let deed): "was ended because it \(deed)"
            case .failure(let failing): "was ended because it \(failing)"
            case .asked, nil: Self.text(status)
            }
        guard let last = lastLines.last else { return fate }
        return "\(fate), last saying: \(last)"
    }

    private static func text(_ status: ExitStatus?) -> String {
        switch status {
        case .exited(let code): "exited with status \(code)"
        case .signaled(let signal): "was killed by signal \(signal) (\(String(cString: strsignal(signal))))"
        case nil: "ended"
        }
    }

    /// What a call gets that the ending has cut off.
    func error(plugin: String, method: String) -> RPCError {
        var details: JSONObject = ["plugin": .string(plugin), "stderr": .array(lastLines.map { .string($0) })]
        switch status {
        case .exited(let code): details["exitCode"] = .integer(Int64(code))
        case .signaled(let signal): details["signal"] = .integer(Int64(signal))
        case nil: break
        }
        switch cause {
        case .violation(let deed):
            let text = "plugin '\(plugin)' broke the plugin contract during \(method) and was ended: it \(deed)"
            return RPCError(.pluginProtocol, text, details: details)
        case .asked:
            return RPCError(.unavailable, "plugin '\(plugin)' was stopped during \(method)", details: details)
        case .failure, nil:
            let text = "plugin '\(plugin)' died during \(method): it \(reason)"
            return RPCError(.pluginCrashed, text, details: details)
        }
    }
}
