import JSONRPC
public import KenterProtocol
import Synchronization

/// A stream of bytes beside a request: the input and output of `container.attach` and `container.exec`, the output of
/// `container.logs`, the file of `image.load`.
///
/// Make one with ``EngineClient/openStream()``, put its ``id`` into the method's `stream`, and make the call with
/// ``EngineClient/call(_:over:timeout:progress:)``. What the engine sends is read by iterating over the stream, once; as
/// it is taken, the engine gets credit to send more, so that neither side ever holds more than
/// ``StreamCredit/initialBytes`` of it. The iteration ends when the request is answered and everything was taken.
public final class EngineStream: Sendable, AsyncSequence {
    public struct Chunk: Sendable, Equatable {
        public var channel: StreamData.Channel
        public var bytes: [UInt8]
        /// Whether nothing more comes on this channel.
        public var isLast: Bool
    }

    private struct State {
        var sending = SendWindow()
        var receiving = ReceiveWindow()
        var chunks: [Chunk] = []
        var hasEnded = false
        var failure: RPCError?
        var reader: CheckedContinuation<Void, Never>?
        var sender: CheckedContinuation<Void, Never>?
    }

    /// Bytes of one message before base 64: far below the limit of a line.
    private static let chunkBytes = 32 << 10

    /// The stream's name within its connection.
    public let id: String
    private let connection: Connection
    private let state = Mutex(State())

    init(id: String, connection: Connection) {
        self.id = id
        self.connection = connection
    }

    // MARK: sending

    /// Sends bytes to the other side's standard input, waiting for credit.
    ///
    /// - Parameter isLast: whether nothing follows; may be sent without bytes.
    /// - Returns: false when the stream has ended meanwhile, so that nobody reads them any more.
    @discardableResult
    public func send(_ bytes: some Collection<UInt8>, isLast: Bool = false) async -> Bool {
        var rest = Array(bytes)[...]
        repeat {
            guard let count = await takeCredit(Swift.min(rest.count, Self.chunkBytes)) else { return false }
            let data = StreamData(
                stream: id, channel: .stdin, data: Base64(rest.prefix(count)),
                eof: isLast && count == rest.count ? true : nil)
            rest = rest.dropFirst(count)
            notify(StreamData.name, data)
        } while !rest.isEmpty
        return true
    }

    /// Tells the size of the terminal on this side.
    public func resize(columns: Int, rows: Int) {
        notify(StreamResize.name, StreamResize(stream: id, columns: columns, rows: rows))
    }

    /// Waits until at least one of the `wanted` bytes may go; `nil` once the stream has ended.
    private func takeCredit(_ wanted: Int) async -> Int? {
        while true {
            let taken = state.withLock { state -> Int? in state.hasEnded ? nil : state.sending.take(wanted) }
            guard let taken else { return nil }
            if taken > 0 || wanted == 0 { return taken }
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if state.hasEnded || state.sending.available > 0 { return true }
                    state.sender = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        }
    }

    private func notify(_ name: String, _ params: some Encodable) {
        do {
            let params = try JSONValueEncoder().encodeObject(params)
            connection.send(.notification(Notification(method: name, params: params)))
        } catch {
            preconditionFailure("\(name) has no form in JSON: \(error)")
        }
    }

    // MARK: receiving

    public struct AsyncIterator: AsyncIteratorProtocol {
        let stream: EngineStream

        /// The next bytes; `nil` at the end. Throws ``RPCError`` when the engine broke the rules of streams.
        public func next() async throws -> Chunk? { try await stream.next() }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(stream: self) }

    private func next() async throws -> Chunk? {
        while true {
            let (chunk, credit, isOver) = try state.withLock { state throws(RPCError) in
                if let failure = state.failure { throw failure }
                guard !state.chunks.isEmpty else { return (nil as Chunk?, nil as Int?, state.hasEnded) }
                let chunk = state.chunks.removeFirst()
                return (chunk, state.receiving.consume(chunk.bytes.count), false)
            }
            if let credit { notify(StreamCredit.name, StreamCredit(stream: id, bytes: credit)) }
            if chunk != nil || isOver { return chunk }
            await waitForChunk()
            if Task.isCancelled { return nil }
        }
    }

    private func waitForChunk() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if Task.isCancelled || state.hasEnded || !state.chunks.isEmpty || state.failure != nil {
                        return true
                    }
                    state.reader = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            wake { _ in }
        }
    }

    func receive(_ data: StreamData) {
        wake { state in
            guard !state.hasEnded else { return }
            if state.receiving.receive(data.data.bytes.count) {
                state.chunks.append(Chunk(channel: data.channel, bytes: data.data.bytes, isLast: data.eof ?? false))
            } else {
                state.failure = RPCError(.invalidRequest, "the engine sent more on stream \(id) than it had credit for")
                state.hasEnded = true
            }
        }
    }

    func receive(_ credit: StreamCredit) {
        wake { $0.sending.grant(credit.bytes) }
    }

    /// Nothing more comes and nothing more is taken.
    func end() {
        wake { $0.hasEnded = true }
    }

    /// Changes the state, then wakes whoever waits for a change.
    private func wake(_ change: (inout State) -> Void) {
        let (reader, sender) = state.withLock { state in
            change(&state)
            defer { (state.reader, state.sender) = (nil, nil) }
            return (state.reader, state.sender)
        }
        reader?.resume()
        sender?.resume()
    }
}
