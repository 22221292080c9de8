/// Why no engine could be reached.
public struct EngineConnectError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Reason: Sendable, Equatable {
        /// The address is none of the known forms.
        case invalidAddress
        /// Nobody listens there.
        case notRunning
        /// Somebody listens there who is not, or may not be, asked.
        case refused
    }

    public var reason: Reason
    /// What was tried, why it failed and what to do next, in one sentence.
    public var message: String

    public init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    public var description: String { message }

    static func notRunning(_ address: EngineAddress, _ detail: String) -> Self {
        Self(
            .notRunning,
            "no engine answers at \(address) (\(detail)); start one with 'kenterd', or name another with --host or KENTER_HOST"
        )
    }
}
