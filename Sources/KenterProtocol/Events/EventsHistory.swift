public import JSONRPC

/// Events of the journal, oldest first.
///
/// Fails with `precondition`.
public struct EventsHistory: RPCMethod {
    public static let name = "events.history"

    /// Only those after it.
    public var since: Int64?
    public var limit: Int?

    public struct Result: Codable, Sendable {
        public var events: [Event]
        /// The last event there is.
        public var seq: Int64

        public init(
            events: [Event] = [], seq: Int64
        ) {
            self.events = events
            self.seq = seq
        }
    }

    public init(
        since: Int64? = nil, limit: Int? = nil
    ) {
        self.since = since
        self.limit = limit
    }
}

/// Something that happened. Carries no environment, no file contents and no credentials.
public struct Event: Codable, Sendable, Equatable {
    /// Strictly increasing, durable across restarts of the engine.
    public var seq: Int64
    /// RFC 3339, UTC.
    public var time: String
    /// `container.started`, `link.updated`.
    public var kind: String
    /// Of the object it happened to.
    public var id: String
    /// Its name at that time.
    public var name: String?
    /// Further facts: `exitCode`, `image`.
    public var attributes: [String: String]

    public init(
        seq: Int64, time: String, kind: String, id: String, name: String? = nil, attributes: [String: String] = [:]
    ) {
        self.seq = seq
        self.time = time
        self.kind = kind
        self.id = id
        self.name = name
        self.attributes = attributes
    }
}
