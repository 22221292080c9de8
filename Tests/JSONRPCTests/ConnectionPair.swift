import Glibc
import JSONRPC
import Synchronization
import TestSupport
import Threads

/// A connection over a socket pair, whose other end a test holds as bare bytes.
final class ConnectionPair: Sendable {
    let connection: Connection
    private let peer: Descriptor

    init(
        limits: ConnectionLimits = .server, budget: RequestBudget? = nil, handler: any ConnectionHandler,
        sendBufferBytes: Int32? = nil
    ) throws {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw CommandFailure("no socket pair")
        }
        if var bytes = sendBufferBytes {
            setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
        }
        peer = Descriptor(owning: ends[1])
        connection = Connection(
            ByteChannel(socket: Descriptor(owning: ends[0])), limits: limits, budget: budget, handler: handler)
        connection.start()
    }

    deinit { connection.close() }

    /// Sends bytes as they are, waiting for the connection to read them.
    func send(bytes: [UInt8]) async {
        let peer = peer
        await DetachedThread.run {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes {
                    Glibc.send(peer.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return }
            }
        }
    }

    func send(_ lines: String...) async { await send(bytes: Array(lines.map { $0 + "\n" }.joined().utf8)) }

    /// Bytes that the connection has not read yet, at most `limit`: sends until it takes no more for a moment.
    func sendUntilBlocked(_ line: String, limit: Int) -> Int {
        let bytes = Array((line + "\n").utf8)
        var total = 0
        while total < limit {
            let count = Glibc.send(peer.number, bytes, bytes.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            if count < 0 {
                var polled = pollfd(fd: peer.number, events: Int16(POLLOUT), revents: 0)
                if poll(&polled, 1, 500) == 0 { return total }
            } else {
                total += count
            }
        }
        return total
    }

    func finish() { shutdown(peer.number, Int32(SHUT_WR)) }

    func hangUp() { shutdown(peer.number, Int32(SHUT_RDWR)) }

    /// The next line, parsed; `nil` at the end.
    func receive() async throws -> JSONValue? {
        let peer = peer
        let line = await DetachedThread.run { () -> [UInt8]? in
            var line: [UInt8] = []
            var byte: UInt8 = 0
            while true {
                var polled = pollfd(fd: peer.number, events: Int16(POLLIN), revents: 0)
                guard poll(&polled, 1, 20_000) > 0 else { return Array("nothing within 20 s".utf8) }
                guard Glibc.read(peer.number, &byte, 1) == 1 else { return line.isEmpty ? nil : line }
                if byte == 0x0a { return line }
                line.append(byte)
            }
        }
        return try line.map { try JSONValue(text: String(decoding: $0, as: UTF8.self)) }
    }

    /// Reads as many bytes as there are, up to a number; 0 at the end.
    func read(_ most: Int) async -> Int {
        let peer = peer
        return await DetachedThread.run {
            var bytes = [UInt8](repeating: 0, count: most)
            var polled = pollfd(fd: peer.number, events: Int16(POLLIN), revents: 0)
            return poll(&polled, 1, 20_000) > 0 ? max(0, Glibc.read(peer.number, &bytes, most)) : 0
        }
    }

    /// All lines to the end.
    func receiveAll() async throws -> [JSONValue] {
        var lines: [JSONValue] = []
        while let line = try await receive() { lines.append(line) }
        return lines
    }

    /// Whether nothing has come within a moment.
    func isSilent() -> Bool {
        var polled = pollfd(fd: peer.number, events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, 200) == 0
    }
}

/// Answers as tests need it: at once, when it is told to, or never unless cancelled.
final class TestHandler: ConnectionHandler {
    private struct State {
        var begun: [RequestID] = []
        var held: [CheckedContinuation<Void, Never>] = []
        var isOpen = false
        var notifications: [String] = []
        var isClosed = false
        var failures: [OutputFailure] = []
    }

    private let state = Mutex(State())

    /// Ids in the order their requests were started.
    var begun: [RequestID] { state.withLock { $0.begun } }
    var notifications: [String] { state.withLock { $0.notifications } }
    var isClosed: Bool { state.withLock { $0.isClosed } }
    /// Why nothing more could be written.
    var failures: [OutputFailure] { state.withLock { $0.failures } }
    private let readsOn: Bool

    /// - Parameter readsOn: whether it is read on when nothing more can be written.
    init(readsOn: Bool = false) { self.readsOn = readsOn }

    /// `sum` adds, `echo` returns its parameters, `wait` waits until cancelled, `hold` until ``release()``, `large`
    /// returns so many bytes.
    func answer(_ request: Request, on connection: Connection) async throws -> JSONObject {
        state.withLock { $0.begun.append(request.id) }
        switch request.method {
        case "sum":
            let terms = (request.params["terms"]?.array ?? []).compactMap(\.integer)
            return ["sum": .integer(terms.reduce(0, +))]
        case "echo": return request.params
        case "wait":
            try await Task.sleep(for: .seconds(60))
            return JSONObject()
        case "hold":
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    if !state.isOpen { state.held.append(continuation) }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
            return JSONObject()
        case "large":
            return ["text": .string(String(repeating: "x", count: Int(request.params["bytes"]?.integer ?? 0)))]
        case "fail": throw RPCError(.unavailable, "not now")
        default: throw RPCError(.methodNotFound, "no method '\(request.method)'")
        }
    }

    func receive(_ notification: Notification, on connection: Connection) {
        state.withLock { $0.notifications.append(notification.method) }
    }

    func overtakes(_ notification: Notification, on connection: Connection) -> Bool { notification.method == "urgent" }
    func readsOn(after failure: OutputFailure) -> Bool {
        state.withLock { $0.failures.append(failure) }
        return readsOn
    }

    func closed(_ connection: Connection) { state.withLock { $0.isClosed = true } }

    /// Lets every `hold` go, now and later.
    func release() {
        let held = state.withLock { state in
            state.isOpen = true
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }
}
