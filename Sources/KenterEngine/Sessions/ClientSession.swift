import Glibc
import JSONRPC
import KenterProtocol
import Logging
import Synchronization

/// One client's connection: its streams and subscriptions, and who it is.
final class ClientSession: ConnectionHandler {
    private struct State {
        /// By the bytes of their names: what Unicode calls equivalent are two names.
        var streams: [[UInt8]: ClientStream] = [:]
        var subscriptions: [String: Task<Void, Never>] = [:]
        var lastSubscription = 0
        /// What is to happen once a request has been answered.
        var afterAnswer: [RequestID: @Sendable () -> Void] = [:]
        var isClosed = false
    }

    /// The client's user id.
    let uid: UInt32
    /// Whether it came over TCP, where it is known by the cookie only.
    let isRemote: Bool
    private let routes: Routes
    private let repeated: RepeatedRequests?
    private let whenClosed: @Sendable () -> Void
    private let state = Mutex(State())

    init(
        uid: UInt32, isRemote: Bool = false, routes: Routes, repeated: RepeatedRequests? = nil,
        whenClosed: @escaping @Sendable () -> Void = {}
    ) {
        self.uid = uid
        self.isRemote = isRemote
        self.routes = routes
        self.repeated = repeated
        self.whenClosed = whenClosed
    }

    func answer(_ request: Request, on connection: Connection) async throws -> JSONObject {
        let meta = try RequestMeta(request.meta)
        var request = request
        // The way in, or a secret: nothing for a method to see.
        request.meta = JSONObject()
        let progress = ProgressReporter(token: meta.progressToken, connection)
        defer { progress.close() }
        // Opened before anything can wait, since its data may follow at once.
        let stream = try request.params["stream"]?.string.map { try openStream($0, on: connection) }
        defer { if let stream { closeStream(stream) } }
        let context = RequestContext(
            session: self, connection: connection, request: request, progress: progress, stream: stream)
        return try await answer(context, meta)
    }

    private func answer(_ context: RequestContext, _ meta: RequestMeta) async throws -> JSONObject {
        let (request, routes, uid) = (context.request, routes, uid)
        let work: @Sendable () async throws -> JSONObject
        if let key = meta.idempotencyKey, let repeated {
            work = {
                try await repeated.answer(request, key: key, uid: uid) { try await routes.answer(request, context) }
            }
        } else {
            work = { try await routes.answer(request, context) }
        }
        guard let timeout = meta.timeout else { return try await work() }
        return try await RequestScope.run(within: timeout, of: request.method, work)
    }

    func answered(_ request: Request, on connection: Connection) {
        state.withLock { $0.afterAnswer.removeValue(forKey: request.id) }?()
    }

    func receive(_ notification: Notification, on connection: Connection) {
        let decoder = JSONValueDecoder()
        let params = notification.params
        switch notification.method {
        case StreamData.name:
            // One that cannot be read is lost data: nothing to go on with.
            guard let data = try? decoder.decode(StreamData.self, from: params) else { return connection.close() }
            if let stream = stream(data.stream), !stream.receive(data) { connection.close() }
        case StreamCredit.name:
            guard let credit = try? decoder.decode(StreamCredit.self, from: params) else { return }  // Harmless.
            stream(credit.stream)?.add(credit: credit.bytes)
        case StreamResize.name:
            guard let resize = try? decoder.decode(StreamResize.self, from: params) else { return }  // Harmless.
            stream(resize.stream)?.receive(resize)
        default: break  // JSON-RPC: a notification has no answer, an unknown one neither.
        }
    }

    /// What belongs to an open stream concerns a request that has begun.
    func overtakes(_ notification: Notification, on connection: Connection) -> Bool {
        guard [StreamData.name, StreamCredit.name, StreamResize.name].contains(notification.method) else {
            return false
        }
        return notification.params["stream"]?.string.flatMap(stream) != nil
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

    /// Fails with `forbidden` unless the client is root, or the engine's own user, on the Unix socket (or, through it,
    /// on stdio).
    func requireLocalRoot(_ what: String) throws(RPCError) {
        guard uid == 0 || uid == geteuid(), !isRemote else {
            throw RPCError(.forbidden, "only root may \(what), and not over TCP: a plugin has all the engine's power")
        }
    }

    // MARK: streams

    private func stream(_ name: String) -> ClientStream? { state.withLock { $0.streams[Array(name.utf8)] } }

    /// Opens the stream a client has named; its name must be free on this connection.
    private func openStream(_ name: String, on connection: Connection) throws -> ClientStream {
        guard (1...64).contains(name.utf8.count) else {
            throw RPCError(.invalidParams, "a stream's name has 1 to 64 bytes")
        }
        let stream = ClientStream(name: name, connection: connection)
        try state.withLock { state in
            guard state.streams[Array(name.utf8)] == nil else {
                throw RPCError(.conflict, "the stream '\(name)' is already open on this connection")
            }
            state.streams[Array(name.utf8)] = stream
        }
        return stream
    }

    private func closeStream(_ stream: ClientStream) {
        stream.close()
        state.withLock { $0.streams[Array(stream.name.utf8)] = nil }
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
