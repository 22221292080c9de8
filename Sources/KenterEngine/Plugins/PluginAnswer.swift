import JSONRPC
import KenterProtocol

// What the error of a call says of the plugin that was called.
extension RPCError {
    private static let answered = "answered"

    /// Whether a plugin has given this error itself, or an answer that was refused: it lives, and was asked in vain.
    var isPluginsAnswer: Bool { details[Self.answered]?.bool == true }

    /// The error with the engine's own word on that; what a plugin says of it does not count.
    func markedAsAnswer(_ isAnswer: Bool) -> RPCError {
        var error = self
        error.details[Self.answered] = isAnswer ? true : nil
        return error
    }

    /// Whether a call that failed so may have had its effect: it was sent, and the plugin has not said that it failed.
    var mayHaveActed: Bool {
        // What was never sent says in which state its plugin was instead of running.
        !isPluginsAnswer && details["state"] == nil
            && [.timeout, .cancelled, .unavailable, .pluginCrashed, .pluginProtocol].contains(kind)
    }

    /// Whether the plugin is not there: what it keeps, its next start tells, and cleans up.
    var isOfAbsentPlugin: Bool {
        !isPluginsAnswer && [.unavailable, .pluginCrashed, .pluginProtocol].contains(kind)
    }
}
