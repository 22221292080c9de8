import Synchronization
import Threads

/// One peer of line-delimited JSON-RPC 2.0, in both roles: it answers requests through its handler and makes its own.
///
/// Every request is answered exactly once. At the end of input, requests in flight are answered before the connection
/// ends. Ids, and with them cancellation, belong to this connection alone.
public final class Connection: Sendable {
    public let limits: ConnectionLimits
    public let channel: ByteChannel
    let handler: any ConnectionHandler
    let outgoing: OutgoingQueue
    let answering = RequestsInFlight()
    let asking = PendingCalls()
    /// What this connection shares with others; `nil` where only its own limit counts.
    let budget: RequestBudget?
    /// Whether the reader waits for room, and wants to hear of it.
    let isWaitingForRoom = Atomic(false)

    /// - Parameter budget: A bound on the requests in flight that other connections share.
    public init(
        _ channel: ByteChannel, limits: ConnectionLimits, budget: RequestBudget? = nil, handler: any ConnectionHandler
    ) {
        self.channel = channel
        self.limits = limits
        self.budget = budget
        self.handler = handler
        outgoing = OutgoingQueue(channel, stalledMilliseconds: limits.stalledMilliseconds) { failure in
            if !handler.readsOn(after: failure) { channel.close() }
        }
    }

    /// Serves the connection on a thread of its own. `received` are bytes that were read from the channel before.
    public func start(received: [UInt8] = []) {
        DetachedThread.start(stackBytes: 1 << 20) { ConnectionReader(self).run(received) }
    }

    /// Ends the connection: nothing more is read; what is being answered is cancelled.
    public func close() {
        answering.cancelAll()
        channel.close()
    }

    /// Ends the connection with what is being answered cancelled, and those answers written, for up to `limit`.
    public func end(within limit: Duration) async {
        answering.cancelAll()
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        // Unstructured because the limit must not wait for it; it is cancelled then, and ends by itself.
        let answered = Task {
            await answering.waitUntilEmpty()
            await outgoing.flush()
            continuation.finish()
        }
        // Unstructured because the answers must not wait for it; it is cancelled once they are written.
        let timer = Task {
            try? await Task.sleep(for: limit)  // Cancelled when the answers were faster.
            continuation.finish()
        }
        for await _ in stream {}
        timer.cancel()
        answered.cancel()
        channel.close()
    }

    /// Ends the writing side once everything sent so far is written.
    public func finishWriting() { outgoing.finish() }

    /// Returns once everything sent so far is written, or the connection is broken.
    public func flush() async { await outgoing.flush() }

    /// Returns once no more than the limit waits to be written, or the connection is broken: for senders of much.
    public func waitForRoom() async {
        while outgoing.pendingBytes > limits.outgoingQueueBytes { await outgoing.flush() }
    }

    // MARK: sending

    /// Sends a message whatever waits already; for answers and for data that its receiver has asked for.
    ///
    /// A result over the limit is never cut: its request gets `messageTooLarge` instead.
    public func send(_ message: Message) {
        let bytes = line(message.json)
        if bytes.count > limits.outgoingLineBytes, case .response(let response) = message {
            let text = "the result has more than \(limits.outgoingLineBytes) bytes; ask for less, or page with 'limit'"
            let error = Message.invalid(RPCError(.messageTooLarge, text), id: response.id)
            outgoing.append(line(error.json))
        } else {
            outgoing.append(bytes)
        }
    }

    /// Sends a notification; false, with nothing sent, while more than the limit waits to be written.
    @discardableResult
    public func notify(_ method: String, _ params: JSONObject) -> Bool {
        guard outgoing.pendingBytes <= limits.outgoingQueueBytes else { return false }
        send(.notification(Notification(method: method, params: params)))
        return true
    }

    /// Whether nothing more can come from the peer; every call still waiting has failed with
    /// ``RPCError/connectionEnded`` then.
    public var hasEnded: Bool { asking.hasEnded }

    /// Asks the peer and waits for its answer.
    ///
    /// Throws ``RPCError``: the peer's own; ``RPCError/connectionEnded`` when that comes first; `timeout` after
    /// `timeout`; `cancelled` when the surrounding task is cancelled. In both cases the peer is told with
    /// `$/cancelRequest`, and an answer that still comes is dropped.
    public func call(
        _ method: String, _ params: JSONObject = JSONObject(), meta: JSONObject = JSONObject(),
        timeout: Duration? = nil
    ) async throws -> JSONObject {
        let id = asking.newID()
        let bytes = line(Message.request(Request(id: id, method: method, params: params, meta: meta)).json)
        guard bytes.count <= limits.outgoingLineBytes else {
            asking.forget(id)
            throw RPCError(.messageTooLarge, "a request may have at most \(limits.outgoingLineBytes) bytes")
        }
        return try await withTaskCancellationHandler {
            let timer = timeout.map { timeout in
                // Unstructured because it must not be awaited once the answer is there; it is cancelled right then.
                Task {
                    try await Task.sleep(for: timeout)
                    self.giveUp(id, RPCError(.timeout, "\(method) took longer than \(timeout)"))
                }
            }
            defer { timer?.cancel() }
            return try await asking.wait(for: id) { self.outgoing.append(bytes) }
        } onCancel: {
            giveUp(id, RPCError(.cancelled, "\(method) was cancelled"))
        }
    }

    /// Fails every call that waits for its answer: the peer has said that it could not read one, and not which.
    public func failCalls(_ error: RPCError) { asking.failWaiting(error) }

    private func giveUp(_ id: RequestID, _ error: RPCError) {
        if asking.giveUp(id, error) {
            send(.notification(Notification(method: Notification.cancelRequest, params: ["id": id.json])))
        }
    }

    private func line(_ object: JSONObject) -> [UInt8] {
        var bytes = object.bytes
        bytes.append(0x0a)
        return bytes
    }
}
