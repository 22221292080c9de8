public import JSONRPC

/// Asks for events as `events.event` notifications; the answer comes before the first of them.
///
/// Fails with `precondition`, `overloaded`.
public struct EventsSubscribe: RPCMethod {
    public static let name = "events.subscribe"

    /// Of some kinds, and of some objects; what is left out lets all through.
    public struct Filter: Codable, Sendable {
        /// Kinds and nouns: `container`, `link.created`.
        public var kinds: [String]?
        /// Ids of objects.
        public var ids: [String]?
        /// Names, ids or prefixes of ids, as they are at the time of the subscription: events of these containers, and
        /// of links of which they are consumer or source.
        public var containers: [String]?
        /// `consumer/alias`, with the consumer's name at the time of the event.
        public var links: [String]?

        public init(
            kinds: [String]? = nil, ids: [String]? = nil, containers: [String]? = nil, links: [String]? = nil
        ) {
            self.kinds = kinds
            self.ids = ids
            self.containers = containers
            self.links = links
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
