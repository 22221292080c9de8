import JSONRPC
import KenterProtocol

/// Every limit of the wire, in one place: in force, and served by `engine.limits`.
struct EngineLimitTable: Sendable {
    var connections = 256
    var requestsInFlight = 1024
    var connection = ConnectionLimits.server
    let subscriptionsPerConnection = ClientSession.subscriptionLimit
    let collectedOutputBytes = 1 << 20
    let firstLineSeconds = 5
    let lineBytesBeforeAuthentication = 4 << 10
    let connectionsBeforeAuthentication = 16
    let connectionsPerUser = 64

    /// Names that `limits` in the configuration may set.
    static let adjustable: Set<String> = [
        "connections", "requestsInFlight", "requestsInFlightPerConnection", "lineBytesToEngine",
    ]

    init(_ configuration: EngineConfiguration) {
        if let value = configuration.limits["connections"] { connections = max(1, value) }
        if let value = configuration.limits["requestsInFlight"] { requestsInFlight = max(1, value) }
        if let value = configuration.limits["requestsInFlightPerConnection"] {
            connection.requestsInFlight = max(1, value)
        }
        if let value = configuration.limits["lineBytesToEngine"] { connection.lineBytes = max(4096, value) }
    }

    var result: EngineLimits.Result {
        EngineLimits.Result(
            lineBytesToEngine: connection.lineBytes, lineBytesFromEngine: connection.outgoingLineBytes,
            lineBytesPlugin: ConnectionLimits.plugin.lineBytes, nestingDepth: connection.json.depth,
            tokens: connection.json.tokens, stringBytes: connection.json.stringBytes,
            numberBytes: connection.json.numberBytes, batchItems: connection.batchItems,
            requestsInFlightPerConnection: connection.requestsInFlight, requestsInFlight: requestsInFlight,
            connections: connections, subscriptionsPerConnection: subscriptionsPerConnection,
            outgoingQueueBytes: connection.outgoingQueueBytes, streamWindowBytes: StreamCredit.initialBytes,
            collectedOutputBytes: collectedOutputBytes, firstLineSeconds: firstLineSeconds,
            lineBytesBeforeAuthentication: lineBytesBeforeAuthentication)
    }
}
