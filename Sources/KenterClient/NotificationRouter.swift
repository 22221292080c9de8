import JSONRPC
import KenterProtocol
import Synchronization

/// Hands what the engine sends unasked to whoever on this connection waits for it: by stream, token or subscription.
final class NotificationRouter: ConnectionHandler {
    typealias ProgressCallback = @Sendable (Progress.Value) -> Void

    private struct State {
        var streams: [String: EngineStream] = [:]
        var progress: [String: ProgressCallback] = [:]
        var subscriptions: [String: AsyncStream<EngineEvent>.Continuation] = [:]
        /// Events of subscriptions whose names are still on their way to ``subscribe(_:)``.
        var early: [String: [EngineEvent]] = [:]
        var lastNumber = 0
        var isClosed = false
    }

    private let state = Mutex(State())

    /// A name that this connection has not used yet.
    func newName(_ prefix: String) -> String {
        state.withLock { state in
            state.lastNumber += 1
            return "\(prefix)\(state.lastNumber)"
        }
    }

    func add(_ stream: EngineStream) {
        let isClosed = state.withLock { state in
            state.streams[stream.id] = stream
            return state.isClosed
        }
        if isClosed { stream.end() }
    }

    func remove(_ stream: EngineStream) {
        state.withLock { _ = $0.streams.removeValue(forKey: stream.id) }
        stream.end()
    }

    func setProgress(_ token: String, _ callback: ProgressCallback?) {
        state.withLock { $0.progress[token] = callback }
    }

    func subscribe(_ name: String) -> AsyncStream<EngineEvent> {
        let (events, continuation) = AsyncStream<EngineEvent>.makeStream()
        state.withLock { state in
            for event in state.early.removeValue(forKey: name) ?? [] { continuation.yield(event) }
            if state.isClosed { continuation.finish() } else { state.subscriptions[name] = continuation }
        }
        return events
    }

    func unsubscribe(_ name: String) {
        state.withLock { $0.subscriptions.removeValue(forKey: name) }?.finish()
    }

    // MARK: ConnectionHandler

    func answer(_ request: Request, on connection: Connection) async throws -> JSONObject {
        throw RPCError(.methodNotFound, "a client answers no method, '\(request.method)' neither")
    }

    /// An error without an id, or an answer that is none: whoever waits for it would wait for ever.
    func receive(refusal error: RPCError, on connection: Connection) { connection.failCalls(error) }
    func receive(invalid error: RPCError, id: RequestID?, on connection: Connection) { connection.failCalls(error) }

    func receive(_ notification: Notification, on connection: Connection) {
        switch notification.method {
        case StreamData.name: stream(notification) { (stream, data: StreamData) in stream.receive(data) }
        case StreamCredit.name: stream(notification) { (stream, credit: StreamCredit) in stream.receive(credit) }
        case Progress.name:
            guard let progress: Progress = decode(notification) else { return }
            state.withLock { $0.progress[progress.token] }?(progress.value)
        case EventNotification.name:
            guard let event: EventNotification = decode(notification) else { return }
            deliver(.event(event), to: event.subscription)
        case EventGap.name:
            guard let gap: EventGap = decode(notification) else { return }
            deliver(.gap(gap), to: gap.subscription)
        default: break
        }
    }

    func closed(_ connection: Connection) {
        let (streams, subscriptions) = state.withLock { state in
            state.isClosed = true
            defer { (state.streams, state.subscriptions) = ([:], [:]) }
            return (state.streams, state.subscriptions)
        }
        for stream in streams.values { stream.end() }
        for subscription in subscriptions.values { subscription.finish() }
    }

    private func stream<T: Decodable>(_ notification: Notification, _ body: (EngineStream, T) -> Void) {
        guard let name = notification.params["stream"]?.string,
            let stream = state.withLock({ $0.streams[name] }), let data: T = decode(notification)
        else { return }
        body(stream, data)
    }

    /// `nil` for a shape that this client does not know: newer engines may send more than it understands.
    private func decode<T: Decodable>(_ notification: Notification) -> T? {
        try? JSONValueDecoder().decode(T.self, from: notification.params)  // As the comment above says.
    }

    private func deliver(_ event: EngineEvent, to subscription: String) {
        state.withLock { state in
            if let continuation = state.subscriptions[subscription] {
                continuation.yield(event)
            } else if state.early.count < 32 {
                state.early[subscription, default: []].append(event)
            }
        }
    }
}
