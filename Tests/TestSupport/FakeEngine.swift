import CLinux
import Glibc
public import JSONRPC
import Synchronization
import Threads

/// A peer for tests of the client: answers what a test tells it to, over a real Unix socket, and knows no containers.
public final class FakeEngine: ConnectionHandler {
    public typealias Answer = @Sendable (Request, Connection) async throws -> JSONObject
    public typealias Listener = @Sendable (Notification, Connection) -> Void

    /// The socket it listens on.
    public let socket: String
    private let listening: Int32
    private let answers: [String: Answer]
    private let listener: Listener
    private let seen = Mutex<[Request]>([])

    /// Runs `body` with an engine that answers these methods; all others are unknown to it.
    public static func with<R>(
        _ answers: [String: Answer], notified listener: @escaping Listener = { _, _ in },
        _ body: (FakeEngine) async throws -> R
    ) async throws -> R {
        let engine = try FakeEngine(answers, listener)
        defer { engine.stop() }
        return try await body(engine)
    }

    private init(_ answers: [String: Answer], _ listener: @escaping Listener) throws {
        self.answers = answers
        self.listener = listener
        socket = "/tmp/kf\(String(UInt64.random(in: 0...UInt64.max), radix: 16)).sock"
        listening = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socket.utf8) }
        let status = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listening, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0, listen(listening, 16) == 0 else { throw CommandFailure("cannot listen on \(socket)") }
        DetachedThread.start { [listening] in
            while true {
                let accepted = accept(listening, nil, nil)
                guard accepted >= 0 else { return }
                _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
                Connection(ByteChannel(socket: Descriptor(owning: accepted)), limits: .server, handler: self).start()
            }
        }
    }

    private func stop() {
        shutdown(listening, Int32(SHUT_RDWR))
        close(listening)
        unlink(socket)
    }

    /// The requests that came, in order.
    public var requests: [Request] { seen.withLock { $0 } }

    /// The parameters of the first request of that method.
    public func params(of method: String) -> JSONObject? { requests.first { $0.method == method }?.params }

    public func answer(_ request: Request, on connection: Connection) async throws -> JSONObject {
        seen.withLock { $0.append(request) }
        guard let answer = answers[request.method] else {
            throw RPCError(.methodNotFound, "the fake engine does not know \(request.method)")
        }
        return try await answer(request, connection)
    }

    public func receive(_ notification: Notification, on connection: Connection) { listener(notification, connection) }
}
