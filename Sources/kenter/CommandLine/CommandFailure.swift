import JSONRPC
import KenterClient

/// Why a command ends without success, as it is told to the user.
struct CommandFailure: Error, Equatable {
    /// One sentence; `nil` when everything has been said already.
    var message: String?
    var status: Int32
    /// The command whose help is worth a look: `run`.
    var helpCommand: String?

    init(_ message: String?, status: Int32 = 1, helpCommand: String? = nil) {
        self.message = message
        self.status = status
        self.helpCommand = helpCommand
    }

    /// Everything has been said; only the status is left.
    static func silent(_ status: Int32) -> Self { Self(nil, status: status) }

    /// An error of any layer as a failure with that status.
    init(_ error: any Error, status: Int32 = 1) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let error as RPCError: self.init(error.message, status: status)
        case let error as EngineConnectError: self.init(error.message, status: status)
        case let error as OptionError: self.init(error.message, status: status)
        default: self.init("\(error)", status: status)
        }
    }
}
