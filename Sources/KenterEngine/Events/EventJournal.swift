import JSONRPC
import KenterProtocol
import KenterState
import Synchronization

/// Hands the events of the journal to whoever has subscribed.
///
/// Events are written in the transaction of the change they tell of; subscribers read them from the journal, each at
/// its own speed. A slow one costs no memory: it falls behind, and learns of a gap only when the journal has moved on.
final class EventJournal: Sendable {
    private let store: StateStore
    private let wakeups = Mutex<[ObjectIdentifier: AsyncStream<Void>.Continuation]>([:])

    init(store: StateStore) {
        self.store = store
    }

    /// Tells subscribers that events have been committed.
    func committed() {
        for wakeup in wakeups.withLock({ Array($0.values) }) { wakeup.yield() }
    }

    func history(_ params: EventsHistory) throws -> EventsHistory.Result {
        let limit = min(max(params.limit ?? 1000, 1), 10_000)
        return try store.read { transaction in
            let range = try transaction.eventRange()
            let since = params.since ?? max(range.first - 1, 0)
            try Self.checkReach(since, range)
            return EventsHistory.Result(
                events: try transaction.events(after: since, limit: limit), seq: range.last)
        }
    }

    /// The position a new subscription starts from.
    func start(since: Int64?) throws -> (cursor: Int64, last: Int64) {
        let range = try store.read { try $0.eventRange() }
        if let since { try Self.checkReach(since, range) }
        return (since ?? range.last, range.last)
    }

    /// The filter with ids for the containers that are named.
    func resolved(_ filter: EventsSubscribe.Filter?) throws -> EventsSubscribe.Filter? {
        guard var filter, let containers = filter.containers else { return filter }
        filter.containers = try store.read { transaction in
            // One that is gone may still be in the journal, by its name.
            try containers.map { try ContainerLookup(transaction).find($0)?.id ?? $0 }
        }
        return filter
    }

    private static func checkReach(_ since: Int64, _ range: (first: Int64, last: Int64)) throws {
        let isKept = since >= range.first - 1 && since >= 0 && since <= range.last
        guard !isKept else { return }
        // A number from another journal says nothing of this one.
        let missed = since > range.last || since < 0 ? (range.first, range.last) : (since + 1, range.first - 1)
        throw RPCError(
            .precondition,
            "the journal holds events \(range.first) to \(range.last), not those after \(since); list the objects anew",
            details: ["gap": ["from": .integer(missed.0), "to": .integer(missed.1)]])
    }

    /// Sends matching events after `cursor` to the connection until the task is cancelled.
    func run(_ subscription: String, filter: EventsSubscribe.Filter?, after cursor: Int64, to connection: Connection)
        async
    {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let identity = SubscriptionIdentity()
        let id = ObjectIdentifier(identity)
        wakeups.withLock { $0[id] = continuation }
        defer {
            wakeups.withLock { $0[id] = nil }
            withExtendedLifetime(identity) {}
        }
        continuation.yield()
        var position = cursor
        for await _ in stream {
            guard await sendAll(subscription, filter, &position, connection) else { return }
        }
    }

    private func sendAll(
        _ subscription: String, _ filter: EventsSubscribe.Filter?, _ position: inout Int64, _ connection: Connection
    ) async -> Bool {
        while !Task.isCancelled {
            let after = position
            guard
                let (range, events) = try? store.read({  // A journal that cannot be read ends the subscription.
                    (try $0.eventRange(), try $0.events(after: after, limit: 100))
                })
            else { return false }
            if range.first > position + 1 {
                let gap = EventGap(subscription: subscription, from: position + 1, to: range.first - 1)
                await send(EventGap.name, gap, connection)
                position = range.first - 1
            }
            if events.isEmpty { return true }
            for event in events {
                position = event.seq
                if let filter, !filter.matches(event) { continue }
                let notification = EventNotification(
                    subscription: subscription, seq: event.seq, time: event.time, kind: event.kind, id: event.id,
                    name: event.name, attributes: event.attributes)
                await send(EventNotification.name, notification, connection)
            }
        }
        return false
    }

    /// Waits for a slow reader rather than dropping: what it misses meanwhile stays in the journal.
    private func send(_ method: String, _ params: some Encodable, _ connection: Connection) async {
        guard let object = try? JSONValueEncoder().encodeObject(params) else { return }  // These types always encode.
        while !connection.notify(method, object) {
            if Task.isCancelled { return }
            await connection.flush()
        }
    }
}

/// Gives a running subscription an identity of its own.
private final class SubscriptionIdentity: Sendable {}
