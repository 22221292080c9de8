/// `events.gap`: events that a slow reader has missed for good, as the journal has moved past them.
public struct EventGap: Codable, Sendable {
    public static let name = "events.gap"

    public var subscription: String
    public var from: Int64
    public var to: Int64

    public init(
        subscription: String, from: Int64, to: Int64
    ) {
        self.subscription = subscription
        self.from = from
        self.to = to
    }
}
