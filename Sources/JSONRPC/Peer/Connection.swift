import CLinux
import Glibc
import Synchronization
import Threads

/// One peer of line-delimited JSON-RPC 2.0, in both roles: it answers requests through its handler and makes its own.
///
/// Every request is answered exactly once. At the end of input, requests in flight are answered before the connection
/// ends. Ids, and with them cancellation, belong to this connection alone.
public final class Connection: Sendable {
    public let limits: ConnectionLimits
    public let channel: ByteChannel
    private let handler: any ConnectionHandler
    private let outgoing: OutgoingQueue
    private let answering: RequestsInFlight
    private let asking = PendingCalls()

    public init(_ channel: ByteChannel, limits: ConnectionLimits, handler: any ConnectionHandler) {
        self.channel = channel
        self.limits = limits
        self.handler = handler
        outgoing = OutgoingQueue(channel, stalledMilliseconds: limits.stalledMilliseconds)
        answering = RequestsInFlight()
    }

    /// Serves the connection on a thread of its own. `received` are bytes that were read from the channel before.
    public func start(received: [UInt8] = []) {
        DetachedThread.start(stackBytes: 1 << 20) { self.readUntilEnd(received) }
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
        // Unstructured because whichever is first lets this go on; the other one ends by itself.
        let answered = Task {
            await answering.waitUntilEmpty()
            await outgoing.flush()
            continuation.finish()
        }
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
            // Unstructured because it must not be awaited once the answer is there; it is cancelled right then.
            let timer = timeout.map { timeout in
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

    private func giveUp(_ id: RequestID, _ error: RPCError) {
        if asking.giveUp(id, error) {
            send(.notification(Notification(method: "$/cancelRequest", params: ["id": id.json])))
        }
    }

    private func line(_ object: JSONObject) -> [UInt8] {
        var bytes = object.bytes
        bytes.append(0x0a)
        return bytes
    }

    // MARK: receiving

    private func readUntilEnd(_ received: [UInt8]) {
        var framer = LineFramer(limitBytes: limits.lineBytes)
        framer.append(received)
        take(from: &framer)
        withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { buffer in
            while true {
                let count = channel.read(into: buffer)
                guard count > 0 else { break }
                framer.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                take(from: &framer)
            }
        }
        if let frame = framer.finish(), !isCutOff(frame) { take(frame) }
        asking.failAll(.connectionEnded)
        handler.inputEnded(self)
        // A peer that only finished writing still wants its answers; one that is gone does not.
        if channel.waitForHangUp(while: { answering.count > 0 }) { answering.cancelAll() }
        // Unstructured because it outlives this thread: answers in flight are still to be written.
        Task {
            await answering.waitUntilEmpty()
            await outgoing.flush()
            outgoing.finish()
            handler.closed(self)
        }
    }

    /// Whether the peer has died while it wrote this last line.
    private func isCutOff(_ frame: LineFramer.Frame) -> Bool {
        guard limits.dropsCutLine, case .line(let bytes) = frame,
            case .message(.invalid) = Line(bytes, limits: limits.json, batchItems: limits.batchItems)
        else { return false }
        return true
    }

    /// Handles every line that is here; answers that come at once are written together.
    private func take(from framer: inout LineFramer) {
        outgoing.hold()
        while let frame = framer.next() { take(frame) }
        outgoing.release()
    }

    private func take(_ frame: LineFramer.Frame) {
        switch frame {
        case .oversized:
            let text = "a line may have at most \(limits.lineBytes) bytes; the rest of this one was dropped"
            handler.receive(invalid: RPCError(.messageTooLarge, text), id: nil, on: self)
        case .line(let bytes):
            switch Line(bytes, limits: limits.json, batchItems: limits.batchItems) {
            case .message(let message): take(message)
            case .batch(let messages): take(messages)
            }
        }
    }

    private func take(_ message: Message) {
        switch message {
        case .request(let request): start(request) { self.send(.response($0)) }
        case .notification(let notification): take(notification)
        case .response(let response):
            if !asking.answer(response.id, response.outcome) { handler.receive(unasked: response, on: self) }
        case .invalid(let error, let id): handler.receive(invalid: error, id: id, on: self)
        }
    }

    private func take(_ notification: Notification) {
        if notification.method == "$/cancelRequest" {
            if let id = notification.params["id"].flatMap(RequestID.init) { answering.cancel(id) }
        } else {
            handler.receive(notification, on: self)
        }
    }

    /// A batch is answered with one array, once its last request is done; with nothing when none wants an answer.
    private func take(_ messages: [Message]) {
        let answers = BatchAnswers { items in
            guard !items.isEmpty else { return }
            var bytes = JSONValue.array(items.map { .object($0.json) }).bytes
            bytes.append(0x0a)
            self.outgoing.append(bytes)
            for case .request(let request) in messages { self.handler.answered(request, on: self) }
        }
        for message in messages {
            switch message {
            case .request(let request):
                answers.expect()
                start(request, isBatched: true) { answers.add(.response($0)) }
            case .invalid(let error, let id):
                answers.expect()
                answers.add(.invalid(error, id: id))
            case .notification, .response: take(message)
            }
        }
        answers.close()
    }

    private func start(
        _ request: Request, isBatched: Bool = false, answer: @escaping @Sendable (Response) -> Void
    ) {
        waitForRoom()
        guard answering.begin(request.id) else {
            let text = "a request with the id \(request.id) is still being answered"
            answer(Response(id: request.id, outcome: .failure(RPCError(.duplicateId, text))))
            return
        }
        // Unstructured because requests of a connection end in any order; RequestsInFlight owns and cancels the task.
        let task = Task.immediate {
            let outcome = await self.outcome(of: request)
            answer(Response(id: request.id, outcome: outcome))
            if !isBatched { self.handler.answered(request, on: self) }
            self.answering.end(request.id)
        }
        answering.attach(task, to: request.id)
    }

    private func outcome(of request: Request) async -> Result<JSONObject, RPCError> {
        do {
            return .success(try await handler.answer(request, on: self))
        } catch let error as RPCError {
            return .failure(error)
        } catch is CancellationError {
            return .failure(RPCError(.cancelled, "\(request.method) was cancelled"))
        } catch {
            return .failure(RPCError(.internal, "\(request.method) failed: \(error)"))
        }
    }

    /// Holds this connection's reader while it has too much in flight or takes none of its answers.
    private func waitForRoom() {
        guard answering.count >= limits.requestsInFlight || outgoing.pendingBytes > limits.outgoingQueueBytes else {
            return
        }
        outgoing.release()
        answering.waitUntil { count in
            count < limits.requestsInFlight && outgoing.pendingBytes <= limits.outgoingQueueBytes
        }
        outgoing.hold()
    }
}
