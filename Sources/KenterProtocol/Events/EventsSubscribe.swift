public import JSONRPC

/// Asks for events as `events.event` notifications; the answer comes before the first of them.
public struct EventsSubscribe: RPCMethod {
    public static let name = "events.subscribe"

    public struct Filter: Codable, Sendable {
        /// Prefixes of kinds: `container`, `container.start`.
        public var kinds: [String]?
        /// Ids of objects.
        public var ids: [String]?

        public init(
            kinds: [String]? = nil, ids: [String]? = nil
        ) {
            self.kinds = kinds
            self.ids = ids
        }
    }

    public var filter: Filter?
    /// Replays the journal after this sequence number; `precondition` with `gap` when it no longer reaches back so far.
    public var since: Int64?

    public struct Result: Codable, Sendable {
        public var subscription: String
        /// The last event before the subscription.
        public var seq: Int64

        public init(
            subscription: String, seq: Int64
        ) {
            self.subscription = subscription
            self.seq = seq
        }
    }

    public init(
        filter: Filter? = nil, since: Int64? = nil
    ) {
        self.filter = filter
        self.since = since
    }
}
