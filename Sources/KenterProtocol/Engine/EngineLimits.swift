public import JSONRPC

/// The limits of protocol section 2, as in force.
public struct EngineLimits: RPCMethod {
    public static let name = "engine.limits"

    public struct Result: Codable, Sendable {
        public var lineBytesToEngine: Int
        public var lineBytesFromEngine: Int
        public var lineBytesPlugin: Int
        public var nestingDepth: Int
        public var tokens: Int
        public var stringBytes: Int
        public var numberBytes: Int
        public var batchItems: Int
        public var requestsInFlightPerConnection: Int
        public var requestsInFlight: Int
        public var connections: Int
        public var subscriptionsPerConnection: Int
        public var outgoingQueueBytes: Int
        public var streamWindowBytes: Int
        public var collectedOutputBytes: Int
        public var firstLineSeconds: Int
        public var lineBytesBeforeAuthentication: Int

        public init(
            lineBytesToEngine: Int, lineBytesFromEngine: Int, lineBytesPlugin: Int, nestingDepth: Int, tokens: Int,
            stringBytes: Int, numberBytes: Int, batchItems: Int, requestsInFlightPerConnection: Int,
            requestsInFlight: Int, connections: Int, subscriptionsPerConnection: Int, outgoingQueueBytes: Int,
            streamWindowBytes: Int, collectedOutputBytes: Int, firstLineSeconds: Int, lineBytesBeforeAuthentication: Int
        ) {
            self.lineBytesToEngine = lineBytesToEngine
            self.lineBytesFromEngine = lineBytesFromEngine
            self.lineBytesPlugin = lineBytesPlugin
            self.nestingDepth = nestingDepth
            self.tokens = tokens
            self.stringBytes = stringBytes
            self.numberBytes = numberBytes
            self.batchItems = batchItems
            self.requestsInFlightPerConnection = requestsInFlightPerConnection
            self.requestsInFlight = requestsInFlight
            self.connections = connections
            self.subscriptionsPerConnection = subscriptionsPerConnection
            self.outgoingQueueBytes = outgoingQueueBytes
            self.streamWindowBytes = streamWindowBytes
            self.collectedOutputBytes = collectedOutputBytes
            self.firstLineSeconds = firstLineSeconds
            self.lineBytesBeforeAuthentication = lineBytesBeforeAuthentication
        }
    }

    public init() {}
}
