public import JSONRPC

/// Ends a subscription of this connection.
///
/// Fails with `notFound`.
public struct EventsUnsubscribe: RPCMethod {
    public static let name = "events.unsubscribe"

    public var subscription: String

    public typealias Result = Empty

    public init(
        subscription: String
    ) {
        self.subscription = subscription
    }
}
