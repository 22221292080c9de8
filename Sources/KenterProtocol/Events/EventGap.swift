/// `events.gap`: events that a slow reader missed; they are still in `events.history`.
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
