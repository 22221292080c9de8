public import JSONRPC

/// The limits of this engine's wire, as in force; what happens beyond one is an error that names it.
public struct EngineLimits: RPCMethod {
    public static let name = "engine.limits"

    public struct Result: Codable, Sendable {
        /// Bytes of one line to the engine; over it, `messageTooLarge`, and the rest of the line is dropped.
        public var lineBytesToEngine: Int
        /// Bytes of one line from the engine; a larger result becomes `messageTooLarge`, none is ever cut.
        public var lineBytesFromEngine: Int
        /// Bytes of one line to or from a plugin.
        public var lineBytesPlugin: Int
        /// One page of a list; over it, the page ends earlier and says where the next one begins.
        public var pageBytes: Int
        /// Arrays and objects within each other; over it, `tooDeep`, as for the four that follow.
        public var nestingDepth: Int
        /// Values and names in one line to the engine.
        public var tokens: Int
        /// Values and names in one line to or from a plugin.
        public var tokensPlugin: Int
        /// One string as written, escapes included.
        public var stringBytes: Int
        /// One number as written.
        public var numberBytes: Int
        /// The id of a request; over it, `invalidRequest`.
        public var requestIdBytes: Int
        /// Messages of one batch; over it, `batchTooLarge`, and none of them is begun.
        public var batchItems: Int
        /// Requests of one connection that are being worked on; over it, further ones wait, then reading stops.
        public var requestsInFlightPerConnection: Int
        /// The same, of all connections together.
        public var requestsInFlight: Int
        /// The same, of all connections of one user; root and the engine's own user may have all.
        public var requestsInFlightPerUser: Int
        /// Open connections; over it, `overloaded`, and the new one is closed.
        public var connections: Int
        /// The same, of one user; root and the engine's own user may have all.
        public var connectionsPerUser: Int
        /// Subscriptions of one connection; over it, `overloaded`.
        public var subscriptionsPerConnection: Int
        /// Events that are kept for `since`; older ones are a gap.
        public var journalEvents: Int
        /// What waits for a client to read it; over it, none of its requests is begun.
        public var outgoingQueueBytes: Int
        /// How long a client may take nothing of what waits for it; then it is disconnected.
        public var outgoingStallSeconds: Int
        /// What either side of a new stream may send before it is given credit.
        public var streamWindowBytes: Int
        /// Output in one result, where no stream is named; over it, `exhausted`.
        public var collectedOutputBytes: Int
        /// Messages of progress on one request in a second, at most.
        public var progressPerSecond: Int
        /// How long the first line of a TCP connection may take; then it is closed.
        public var firstLineSeconds: Int
        /// Bytes of that first line; over it, the connection is closed.
        public var lineBytesBeforeAuthentication: Int
        /// TCP connections that have not shown the cookie; over it, a new one is told so (`overloaded`) and closed.
        public var connectionsBeforeAuthentication: Int

        public init(
            lineBytesToEngine: Int, lineBytesFromEngine: Int, lineBytesPlugin: Int, pageBytes: Int,
            nestingDepth: Int, tokens: Int, tokensPlugin: Int, stringBytes: Int, numberBytes: Int,
            requestIdBytes: Int, batchItems: Int, requestsInFlightPerConnection: Int, requestsInFlight: Int,
            requestsInFlightPerUser: Int, connections: Int, connectionsPerUser: Int,
            subscriptionsPerConnection: Int, journalEvents: Int, outgoingQueueBytes: Int,
            outgoingStallSeconds: Int, streamWindowBytes: Int, collectedOutputBytes: Int,
            progressPerSecond: Int, firstLineSeconds: Int, lineBytesBeforeAuthentication: Int,
            connectionsBeforeAuthentication: Int
        ) {
            self.lineBytesToEngine = lineBytesToEngine
            self.lineBytesFromEngine = lineBytesFromEngine
            self.lineBytesPlugin = lineBytesPlugin
            self.pageBytes = pageBytes
            self.nestingDepth = nestingDepth
            self.tokens = tokens
            self.tokensPlugin = tokensPlugin
            self.stringBytes = stringBytes
            self.numberBytes = numberBytes
            self.requestIdBytes = requestIdBytes
            self.batchItems = batchItems
            self.requestsInFlightPerConnection = requestsInFlightPerConnection
            self.requestsInFlight = requestsInFlight
            self.requestsInFlightPerUser = requestsInFlightPerUser
            self.connections = connections
            self.connectionsPerUser = connectionsPerUser
            self.subscriptionsPerConnection = subscriptionsPerConnection
            self.journalEvents = journalEvents
            self.outgoingQueueBytes = outgoingQueueBytes
            self.outgoingStallSeconds = outgoingStallSeconds
            self.streamWindowBytes = streamWindowBytes
            self.collectedOutputBytes = collectedOutputBytes
            self.progressPerSecond = progressPerSecond
            self.firstLineSeconds = firstLineSeconds
            self.lineBytesBeforeAuthentication = lineBytesBeforeAuthentication
            self.connectionsBeforeAuthentication = connectionsBeforeAuthentication
        }
    }

    public init() {}
}
