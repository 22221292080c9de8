import JSONRPC
public import KenterProtocol
import Synchronization

/// What a subscription delivers.
public enum EngineEvent: Sendable {
    case event(EventNotification)
    /// Events from one sequence number to another were dropped, because they were not read fast enough: list anew.
    case gap(EventGap)
}

/// Events of an engine as they happen, in order. Ends when the connection does.
public struct EventSubscription: Sendable, AsyncSequence {
    /// The subscription's name within its connection.
    public let id: String
    /// The last event before the subscription: with it as `since`, another connection goes on where this one stopped.
    public let sequence: Int64
    let events: AsyncStream<EngineEvent>

    public func makeAsyncIterator() -> AsyncStream<EngineEvent>.Iterator { events.makeAsyncIterator() }
}
