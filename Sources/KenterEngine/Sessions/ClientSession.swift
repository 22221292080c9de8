import JSONRPC
import KenterProtocol
import Logging
import Synchronization

/// One client's connection: its streams and subscriptions, and who it is.
final class ClientSession: ConnectionHandler {
    private struct State {
        var streams: [String: ClientStream] = [:]
        var subscriptions: [String: Task<Void, Never>] = [:]
        var lastSubscription = 0
        /// What is to happen once a request has been answered.
        var afterAnswer: [RequestID: @Sendable () -> Void] = [:]
        var isClosed = false
    }

    /// The client's user id.
    let uid: UInt32
    private let routes: Routes
    private let whenClosed: @Sendable () -> Void
    private let state = Mutex(State())

    init(uid: UInt32, routes: Routes, whenClosed: @escaping @Sendable () -> Void) {
        self.uid = uid
        self.routes = routes
        self.whenClosed = whenClosed
    }

    func answer(_ request: Request, on connection: Connection) async throws -> JSONObject {
        try await routes.answer(request, RequestContext(session: self, connection: connection, request: request))
    }

    func answered(_ request: Request, on connection: Connection) {
        state.withLock { $0.afterAnswer.removeValue(forKey: request.id) }?()
    }

    func receive(_ notification: Notification, on connection: Connection) {
        let decoder = JSONValueDecoder()
        let params = notification.params
        switch notification.method {
        case StreamData.name:
            guard let data = try? decoder.decode(StreamData.self, from: params),  // A bad one ends the connection.
                let stream = stream(data.stream)
            else { return }
            if !stream.receive(data) { connection.close() }
        case StreamCredit.name:
            guard let credit = try? decoder.decode(StreamCredit.self, from: params) else { return }  // Harmless.
            stream(credit.stream)?.add(credit: credit.bytes)
        case StreamResize.name:
            guard let resize = try? decoder.decode(StreamResize.self, from: params) else { return }  // Harmless.
            stream(resize.stream)?.receive(resize)
        default: break  // JSON-RPC: a notification has no answer, an unknown one neither.
        }
    }

    func inputEnded(_ connection: Connection) {
        for stream in state.withLock({ Array($0.streams.values) }) { stream.endInput() }
    }

    func closed(_ connection: Connection) {
        let (streams, subscriptions) = state.withLock { state in
            state.isClosed = true
            return (Array(state.streams.values), Array(state.subscriptions.values))
        }
        for stream in streams { stream.close() }
        for subscription in subscriptions { subscription.cancel() }
        whenClosed()
    }

    // MARK: streams

    private func stream(_ name: String) -> ClientStream? { state.withLock { $0.streams[name] } }

    /// Opens the stream a client has named; its name must be free on this connection.
    func openStream(_ name: String, on connection: Connection) throws -> ClientStream {
        guard (1...64).contains(name.utf8.count) else {
            throw RPCError(.invalidParams, "a stream's name has 1 to 64 bytes")
        }
        let stream = ClientStream(name: name, connection: connection)
        try state.withLock { state in
            guard state.streams[name] == nil else {
                throw RPCError(.conflict, "the stream '\(name)' is already open on this connection")
            }
            state.streams[name] = stream
        }
        return stream
    }

    func closeStream(_ stream: ClientStream) {
        stream.close()
        state.withLock { $0.streams[stream.name] = nil }
    }

    // MARK: subscriptions

    static let subscriptionLimit = 32

    /// Starts a subscription once the request that asked for it has been answered.
    func subscribe(
        after request: Request, _ body: @escaping @Sendable (_ subscription: String) async -> Void
    ) throws -> String {
        try state.withLock { state in
            guard state.subscriptions.count < Self.subscriptionLimit else {
                throw RPCError(.overloaded, "a connection may have at most \(Self.subscriptionLimit) subscriptions")
            }
            state.lastSubscription += 1
            let name = "e\(state.lastSubscription)"
            let (start, started) = AsyncStream<Void>.makeStream()
            // Unstructured because it lasts until unsubscribed; the session cancels it at the latest when it closes.
            state.subscriptions[name] = Task {
                for await _ in start { break }
                if !Task.isCancelled { await body(name) }
            }
            state.afterAnswer[request.id] = { started.yield() }
            return name
        }
    }

    func unsubscribe(_ name: String) throws {
        guard let task = state.withLock({ $0.subscriptions.removeValue(forKey: name) }) else {
            throw RPCError(.notFound, "no subscription '\(name)' on this connection")
        }
        task.cancel()
    }
}

/// What a method may know of the request it answers.
struct RequestContext: Sendable {
    let session: ClientSession
    let connection: Connection
    let request: Request

    /// Runs `body` with the stream of that name open.
    func withStream<R>(_ name: String, _ body: (ClientStream) async throws -> R) async throws -> R {
        let stream = try session.openStream(name, on: connection)
        defer { session.closeStream(stream) }
        return try await body(stream)
    }

    /// Sends progress where the client has asked for it.
    var progress: ProgressReporter { ProgressReporter(token: request.meta["progressToken"]?.string, connection) }
}

/// Sends `$/progress`, at most ten a second; does nothing when nobody asked.
final class ProgressReporter: Sendable {
    private let token: String?
    private let connection: Connection
    private let lastReport = Mutex<ContinuousClock.Instant?>(nil)

    init(token: String?, _ connection: Connection) {
        self.token = token
        self.connection = connection
    }

    func begin(_ message: String) { send(Progress.Value(kind: .begin, message: message)) }
    func end(_ message: String? = nil) { send(Progress.Value(kind: .end, message: message)) }

    func report(_ message: String, done: Int? = nil, total: Int? = nil, unit: String? = nil) {
        let now = ContinuousClock.now
        let isDue = lastReport.withLock { last in
            if let last, now - last < .milliseconds(100) { return false }
            last = now
            return true
        }
        if isDue { send(Progress.Value(kind: .report, message: message, done: done, total: total, unit: unit)) }
    }

    private func send(_ value: Progress.Value) {
        guard let token,
            let params = try? JSONValueEncoder().encodeObject(Progress(token: token, value: value))  // Always encodes.
        else { return }
        connection.notify(Progress.name, params)
    }
}
