/// `events.event`: an event for one subscription.
public struct EventNotification: Codable, Sendable {
    public static let name = "events.event"

    public var subscription: String
    public var seq: Int64
    public var time: String
    public var kind: String
    public var id: String
    public var name: String?
    public var attributes: [String: String]

    public init(
        subscription: String, seq: Int64, time: String, kind: String, id: String, name: String? = nil,
        attributes: [String: String] = [:]
    ) {
        self.subscription = subscription
        self.seq = seq
        self.time = time
        self.kind = kind
        self.id = id
        self.name = name
        self.attributes = attributes
    }
}
