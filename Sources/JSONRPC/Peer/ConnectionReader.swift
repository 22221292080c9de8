import Synchronization

/// The receiving half of a connection, on a thread of its own: cuts lines, starts requests in order while there is room
/// for them, and otherwise keeps what comes, so that what must not wait gets through.
struct ConnectionReader {
    private let connection: Connection
    private var framer: LineFramer
    private var backlog = Backlog()

    /// How often the reader looks for room that nobody tells it of: in the shared budget, in the outgoing queue.
    private static let lookMilliseconds: Int32 = 10

    init(_ connection: Connection) {
        self.connection = connection
        framer = LineFramer(limitBytes: connection.limits.lineBytes)
    }

    private var limits: ConnectionLimits { connection.limits }

    /// Reads until the peer has finished, and sees to it that all its requests are answered.
    consuming func run(_ received: [UInt8]) {
        framer.append(received)
        takeLines()
        readUntilEnd()
        if let frame = framer.finish(), !isCutOff(frame) { take(frame) }
        serveRest()
        connection.inputEnded()
    }

    private mutating func readUntilEnd() {
        withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { buffer in
            while true {
                let count: Int
                if backlog.isEmpty {
                    count = connection.channel.read(into: buffer)
                } else {
                    let room = backlog.bytes < limits.readAheadBytes ? buffer : nil
                    let read = connection.channel.read(into: room, milliseconds: Self.lookMilliseconds)
                    serveBacklog()
                    guard let read else { continue }
                    count = read
                }
                guard count > 0 else { return }
                framer.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                takeLines()
            }
        }
    }

    /// After the end of input: what still waits for room is answered, too, unless the peer is gone.
    private mutating func serveRest() {
        while !backlog.isEmpty {
            if connection.channel.read(into: nil, milliseconds: Self.lookMilliseconds) == 0 { return }
            if connection.channel.isHungUp { return }
            serveBacklog()
        }
    }

    /// Whether the peer has died while it wrote this last line.
    private func isCutOff(_ frame: LineFramer.Frame) -> Bool {
        guard limits.dropsCutLine, case .line(let bytes) = frame, case .message(.invalid) = parse(bytes) else {
            return false
        }
        return true
    }

    private func parse(_ bytes: ArraySlice<UInt8>) -> Line {
        Line(bytes, limits: limits.json, batchItems: limits.batchItems)
    }

    // MARK: lines

    /// Handles every line that is here; answers that come at once are written together.
    private mutating func takeLines() {
        connection.outgoing.hold()
        while let frame = framer.next() { take(frame) }
        connection.outgoing.release()
    }

    private mutating func take(_ frame: LineFramer.Frame) {
        switch frame {
        case .oversized:
            // Cannot be kept, and needs no room in flight; its answer is small, and one for a million bytes.
            let text = "a line may have at most \(limits.lineBytes) bytes; the rest of this one was dropped"
            connection.handler.receive(invalid: RPCError(.messageTooLarge, text), id: nil, on: connection)
        case .line(let bytes):
            let line = parse(bytes)
            if overtakes(line) { return }
            let need = line.need
            if backlog.isEmpty, makeRoom(for: need) { return connection.take(line, places: need.requests) }
            backlog.append(Backlog.Item(line: Array(bytes), request: line.requestID, need: need))
            connection.isWaitingForRoom.store(true, ordering: .sequentiallyConsistent)
        }
    }

    /// Starts what has waited, as long as there is room.
    private mutating func serveBacklog() {
        connection.outgoing.hold()
        while let item = backlog.next() {
            // Told to say so before the last look: no end of a request is missed.
            connection.isWaitingForRoom.store(true, ordering: .sequentiallyConsistent)
            guard makeRoom(for: item.need) else { break }
            backlog.removeNext()
            connection.take(parse(item.line[...]), places: item.need.requests)
        }
        if backlog.isEmpty { connection.isWaitingForRoom.store(false, ordering: .relaxed) }
        connection.outgoing.release()
    }

    /// Handles what concerns only what is under way: it never waits behind requests that are not.
    private mutating func overtakes(_ line: Line) -> Bool {
        let message: Message
        switch line {
        case .message(let single): message = single
        case .batch(let messages):
            // Together they overtake only where none of them has to wait.
            guard messages.allSatisfy(\.isCancellation) else { return false }
            for message in messages { _ = overtakes(.message(message)) }
            return true
        }
        switch message {
        case .notification(let notification) where notification.method == Notification.cancelRequest:
            if let id = notification.params["id"].flatMap(RequestID.init) { cancel(id) }
            return true
        case .notification(let notification):
            guard !backlog.isEmpty, connection.handler.overtakes(notification, on: connection) else { return false }
            connection.take(line, places: 0)
            return true
        case .response, .refusal:
            connection.take(line, places: 0)
            return true
        case .request, .invalid: return false
        }
    }

    private mutating func cancel(_ id: RequestID) {
        guard !connection.answering.cancel(id), backlog.cancel(id) else { return }
        let error = RPCError(.cancelled, "the request was cancelled before it was begun")
        connection.send(.response(Response(id: id, outcome: .failure(error))))
    }

    /// Takes the places that a line needs in flight, and sees that its answer has room; false when it has to wait.
    private func makeRoom(for need: LineNeed) -> Bool {
        let places = need.requests
        if places == 0, !need.isAnswered { return true }
        if connection.outgoing.pendingBytes > limits.outgoingQueueBytes {
            // What is held back counts, but may go at once.
            connection.outgoing.release()
            connection.outgoing.hold()
            if connection.outgoing.pendingBytes > limits.outgoingQueueBytes { return false }
        }
        let inFlight = connection.answering.count
        guard places == 0 || inFlight == 0 || inFlight + places <= limits.requestsInFlight else { return false }
        return places == 0 || connection.budget?.take(places) != false
    }
}

extension Notification {
    /// Asks to end a request early; its name comes from the Language Server Protocol.
    public static let cancelRequest = "$/cancelRequest"
}

extension Message {
    fileprivate var isCancellation: Bool {
        if case .notification(let notification) = self {
            notification.method == Notification.cancelRequest
        } else {
            false
        }
    }
}

extension Line {
    fileprivate var need: LineNeed { LineNeed(requests: requestCount, isAnswered: isAnswered) }

    private var requestCount: Int {
        switch self {
        case .message(.request): return 1
        case .message: return 0
        case .batch(let messages):
            return messages.count { if case .request = $0 { true } else { false } }
        }
    }

    /// The id, where it is a single request.
    fileprivate var requestID: RequestID? {
        if case .message(.request(let request)) = self { request.id } else { nil }
    }

    private var isAnswered: Bool {
        switch self {
        case .message(.notification), .message(.response), .message(.refusal): false
        case .message(.request), .message(.invalid), .batch: true
        }
    }
}
