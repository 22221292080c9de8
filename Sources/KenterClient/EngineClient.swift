import CLinux
import Glibc
public import JSONRPC
public import KenterProtocol
import Threads

/// A connection to an engine, with a typed call for every method.
///
/// ```swift
/// let engine = try await EngineClient.connect()
/// let created = try await engine.call(ContainerRun(ContainerCreate(image: "mysql", name: "mysqldb")))
/// ```
///
/// Calls may be made from any task, also while others are being answered. They throw ``RPCError``, whose kind says what
/// to do and whose message is one sentence for people.
public final class EngineClient: Sendable {
    /// Where this engine was found.
    public let address: EngineAddress
    private let connection: Connection
    private let router: NotificationRouter

    /// Connects to the engine at `address`; throws ``EngineConnectError``.
    ///
    /// A TCP engine is first shown the cookie of its run directory, unless the listener belongs to another user than
    /// that directory.
    public static func connect(to address: EngineAddress = .standard) async throws(EngineConnectError) -> EngineClient {
        EngineClient(address, try EngineTransport.open(address))
    }

    init(_ address: EngineAddress, _ transport: EngineTransport) {
        self.address = address
        router = NotificationRouter()
        let channel =
            transport.isSocket
            ? ByteChannel(socket: transport.reading)
            : ByteChannel(reading: transport.reading, writing: transport.writing)
        connection = Connection(channel, limits: .client, handler: router)
        connection.start(received: transport.received)
        if let child = transport.child {
            // Only to reap it: it ends when its input does.
            DetachedThread.start(stackBytes: 64 << 10) { waitpid(child, nil, 0) }
        }
    }

    deinit { connection.close() }

    /// Ends the connection; calls under way fail with `unavailable`.
    public func close() { connection.close() }

    // MARK: calls

    /// Calls a method and waits for its result.
    ///
    /// - Parameters:
    ///   - timeout: how long the engine may take; then the call fails with `timeout`, on both sides.
    ///   - progress: gets what the engine tells about a long operation, on any thread, never after the call returns.
    /// - Throws: ``RPCError``. Cancelling the surrounding task cancels the request.
    public func call<M: RPCMethod>(
        _ method: M, timeout: Duration? = nil, progress: (@Sendable (Progress.Value) -> Void)? = nil
    ) async throws -> M.Result {
        let params = try JSONValueEncoder().encodeObject(method)
        let result = try await call(M.name, params, timeout: timeout, progress: progress)
        do {
            return try JSONValueDecoder().decode(M.Result.self, from: result)
        } catch {
            throw RPCError(.invalidRequest, "the engine's answer to \(M.name) has an unexpected shape: \(error)")
        }
    }

    /// The same for a method whose parameters and result are plain JSON.
    public func call(
        _ method: String, _ params: JSONObject, timeout: Duration? = nil,
        progress: (@Sendable (Progress.Value) -> Void)? = nil
    ) async throws -> JSONObject {
        var meta = JSONObject()
        if let timeout { meta["timeoutMs"] = .integer(Int64(timeout / .milliseconds(1))) }
        let token = progress.map { callback in
            let token = router.newName("p")
            router.setProgress(token, callback)
            return token
        }
        defer { if let token { router.setProgress(token, nil) } }
        if let token { meta["progressToken"] = .string(token) }
        // The engine's own answer names more than ours could: it gets a second to arrive.
        return try await connection.call(method, params, meta: meta, timeout: timeout.map { $0 + .seconds(1) })
    }

    // MARK: streams

    /// A stream for one request: its ``EngineStream/id`` goes into that method's `stream`.
    public func openStream() -> EngineStream {
        let stream = EngineStream(id: router.newName("s"), connection: connection)
        router.add(stream)
        return stream
    }

    /// Calls a method that has a stream beside it; the stream ends with the call.
    ///
    /// Somebody has to read the stream meanwhile, else the engine runs out of credit.
    public func call<M: RPCMethod>(
        _ method: M, over stream: EngineStream, timeout: Duration? = nil,
        progress: (@Sendable (Progress.Value) -> Void)? = nil
    ) async throws -> M.Result {
        defer { router.remove(stream) }
        return try await call(method, timeout: timeout, progress: progress)
    }

    // MARK: events

    /// Subscribes to the engine's events.
    ///
    /// - Parameter since: replays what the engine remembers after this sequence number; fails with `precondition` and a
    ///   `gap` in the error's details when that no longer reaches back so far.
    public func subscribe(
        filter: EventsSubscribe.Filter? = nil, since: Int64? = nil
    ) async throws -> EventSubscription {
        let result = try await call(EventsSubscribe(filter: filter, since: since))
        return EventSubscription(
            id: result.subscription, sequence: result.seq, events: router.subscribe(result.subscription))
    }

    /// Ends a subscription; its sequence ends after what has arrived.
    public func unsubscribe(_ subscription: EventSubscription) async throws {
        _ = try await call(EventsUnsubscribe(subscription: subscription.id))
        router.unsubscribe(subscription.id)
    }
}
