import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import Synchronization
import Threads

/// Accepts clients on a loopback port; each must show the cookie in its first line.
///
/// A first line that is no JSON object, or none within its time, closes the connection with nothing executed and
/// nothing answered.
final class TCPListener: Sendable {
    private let socket: ListeningSocket
    private let directories: EngineDirectories
    /// Connections that have not shown the cookie yet.
    private let waiting = Mutex(0)
    /// `host:port` as bound.
    let address: String

    init(
        host: String, port: UInt16, directories: EngineDirectories, clients: ClientRegistry, limits: EngineLimitTable
    ) throws {
        guard host == "127.0.0.1" || host == "::1" || host == "localhost" else {
            throw RPCError(
                .invalidParams,
                "the engine listens on loopback only, not on \(host): use 127.0.0.1 and tunnel with ssh")
        }
        self.directories = directories
        socket = try ListeningSocket(tcp: host == "::1" ? "::1" : "127.0.0.1", port: port)
        address = "\(host == "::1" ? "[::1]" : "127.0.0.1"):\(socket.port)"
        let cookie = Identifier.hex(digits: 64)
        try Self.write(cookie, to: directories.cookie)
        try Self.write(address + "\n", to: directories.tcpAddress)
        socket.accept { [self] descriptor in
            guard enter(limits.connectionsBeforeAuthentication) else { return CookieGate.refuse(descriptor, limits) }
            DetachedThread.start { [self] in
                defer { waiting.withLock { $0 -= 1 } }
                let gate = CookieGate(cookie: cookie, limits: limits)
                guard let received = gate.admit(descriptor) else { return }
                // Worth a try: without it, only a peer that says so is known to be gone.
                _ = clinux_tcp_keepalive(descriptor.number, 30, 10, 3)
                clients.serve(ByteChannel(socket: descriptor), uid: geteuid(), isRemote: true, received: received)
            }
        }
    }

    private func enter(_ limit: Int) -> Bool {
        waiting.withLock { waiting in
            guard waiting < limit else { return false }
            waiting += 1
            return true
        }
    }

    /// Made anew, private, and never through a link that somebody has put there.
    private static func write(_ text: String, to path: String) throws {
        unlink(path)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw RPCError.system("make", path) }
        defer { Glibc.close(descriptor) }
        let bytes = Array(text.utf8)
        guard clinux_write_all(descriptor, bytes, bytes.count) == 0 else { throw RPCError.system("write", path) }
    }

    func close() {
        socket.close()
        unlink(directories.cookie)
        unlink(directories.tcpAddress)
    }
}
