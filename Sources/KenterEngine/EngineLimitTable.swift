import JSONRPC
import KenterProtocol
import KenterState

/// Every limit of the wire, in one place: in force, and served by `engine.limits`.
struct EngineLimitTable: Sendable {
    var connections = 256
    var requestsInFlight = 1024
    var connection = ConnectionLimits.server
    let subscriptionsPerConnection = ClientSession.subscriptionLimit
    static let collectedOutputBytes = 1 << 20
    let firstLineSeconds = 5
    let lineBytesBeforeAuthentication = 4 << 10
    let connectionsBeforeAuthentication = 16
    let connectionsPerUser = 64
    /// Half a line, so that what else stands in it has room.
    static let pageBytes = ConnectionLimits.server.outgoingLineBytes / 2
    /// Half of all: one user cannot keep the others out.
    var requestsInFlightPerUser: Int { max(1, requestsInFlight / 2) }

    /// What `limits` in the configuration may set, and the least of each.
    static let adjustable = [
        "connections": 1, "requestsInFlight": 1, "requestsInFlightPerConnection": 1, "lineBytesToEngine": 4096,
    ]

    /// Those as they are.
    var adjusted: [String: Int] {
        [
            "connections": connections, "requestsInFlight": requestsInFlight,
            "requestsInFlightPerConnection": connection.requestsInFlight, "lineBytesToEngine": connection.lineBytes,
        ]
    }

    init(_ configuration: EngineConfiguration) {
        if let value = configuration.limits["connections"] { connections = value }
        if let value = configuration.limits["requestsInFlight"] { requestsInFlight = value }
        if let value = configuration.limits["requestsInFlightPerConnection"] { connection.requestsInFlight = value }
        if let value = configuration.limits["lineBytesToEngine"] { connection.lineBytes = value }
    }

    var result: EngineLimits.Result {
        EngineLimits.Result(
            lineBytesToEngine: connection.lineBytes, lineBytesFromEngine: connection.outgoingLineBytes,
            lineBytesPlugin: ConnectionLimits.plugin.lineBytes, pageBytes: Self.pageBytes,
            nestingDepth: connection.json.depth, tokens: connection.json.tokens,
            tokensPlugin: ConnectionLimits.plugin.json.tokens, stringBytes: connection.json.stringBytes,
            numberBytes: connection.json.numberBytes, requestIdBytes: RequestID.largestStringBytes,
            batchItems: connection.batchItems, requestsInFlightPerConnection: connection.requestsInFlight,
            requestsInFlight: requestsInFlight, requestsInFlightPerUser: requestsInFlightPerUser,
            connections: connections, connectionsPerUser: connectionsPerUser,
            subscriptionsPerConnection: subscriptionsPerConnection, journalEvents: Int(Transaction.journalEvents),
            outgoingQueueBytes: connection.outgoingQueueBytes,
            outgoingStallSeconds: Int(connection.stalledMilliseconds) / 1_000,
            streamWindowBytes: StreamCredit.initialBytes, collectedOutputBytes: Self.collectedOutputBytes,
            progressPerSecond: ProgressReporter.messagesPerSecond, firstLineSeconds: firstLineSeconds,
            lineBytesBeforeAuthentication: lineBytesBeforeAuthentication,
            connectionsBeforeAuthentication: connectionsBeforeAuthentication)
    }
}
