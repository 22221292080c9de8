/// Bounds of one connection, and what happens over them is part of the contract.
public struct ConnectionLimits: Sendable, Equatable {
    /// Bytes of one incoming line; over it, `messageTooLarge` and the rest of the line is dropped.
    public var lineBytes: Int
    /// Bytes of one outgoing line; a larger result is answered with `messageTooLarge` instead.
    public var outgoingLineBytes: Int
    /// What the JSON of one line may hold.
    public var json: JSONLimits
    /// Messages of one batch.
    public var batchItems: Int
    /// Requests being worked on; over it, no further one is started until one is answered.
    public var requestsInFlight: Int
    /// Bytes of lines that are read while there is no room to answer them, so that cancellation gets through; over it,
    /// nothing more is read.
    public var readAheadBytes: Int
    /// Bytes waiting to be written; over it, no request is started and notifications are refused.
    public var outgoingQueueBytes: Int
    /// How long a peer may take nothing of what waits for it, in milliseconds; then the connection is closed.
    public var stalledMilliseconds: Int32
    /// Whether a last line without LF that is no message counts as cut off by the peer's death, and is dropped.
    public var dropsCutLine: Bool

    public init(
        lineBytes: Int, outgoingLineBytes: Int, json: JSONLimits = JSONLimits(), batchItems: Int = 64,
        requestsInFlight: Int = 64, readAheadBytes: Int = 1 << 20, outgoingQueueBytes: Int = 1 << 20,
        stalledMilliseconds: Int32 = 30_000,
        dropsCutLine: Bool = false
    ) {
        self.lineBytes = lineBytes
        self.outgoingLineBytes = outgoingLineBytes
        self.json = json
        self.batchItems = batchItems
        self.requestsInFlight = requestsInFlight
        self.readAheadBytes = readAheadBytes
        self.outgoingQueueBytes = outgoingQueueBytes
        self.stalledMilliseconds = stalledMilliseconds
        self.dropsCutLine = dropsCutLine
    }

    /// The engine's side of a connection to a client.
    public static let server = Self(lineBytes: 1 << 20, outgoingLineBytes: 8 << 20)
    /// The client's side: results of the engine may be larger and hold any text.
    public static let client = Self(
        lineBytes: 8 << 20, outgoingLineBytes: 1 << 20,
        json: JSONLimits(tokens: 2_000_000, stringBytes: 8 << 20, allowsNUL: true))
    /// Both sides of a connection to a plugin. As many values as a line of sensible messages can hold: what a plugin
    /// answers grows with what an image says of itself, and no image is to end a plugin.
    public static let plugin = Self(
        lineBytes: 4 << 20, outgoingLineBytes: 4 << 20, json: JSONLimits(tokens: 1_000_000, stringBytes: 1 << 20),
        dropsCutLine: true)
}
