import CLinux
import Glibc
import JSONRPC
import KenterProtocol

/// The secret that proves to a TCP engine that its caller may read the engine's run directory.
struct EngineCookie {
    let token: String
    /// Who owns the file: the engine's user.
    let owner: uid_t

    static func read(_ path: String, _ address: EngineAddress) throws(EngineConnectError) -> EngineCookie {
        func refused(_ detail: String) -> EngineConnectError {
            EngineConnectError(
                .refused,
                "cannot use the cookie \(path) of the engine at \(address): \(detail); use the engine's Unix socket, or name the file as in tcp://127.0.0.1:PORT/run/kenter/cookie"
            )
        }
        let number = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard number >= 0 else { throw refused(String(cString: strerror(errno))) }
        defer { close(number) }
        var status = stat()
        guard fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 == 0 else {
            throw refused("it must be a regular file that its owner alone can read")
        }
        var buffer = [UInt8](repeating: 0, count: 128)
        let count = Glibc.read(number, &buffer, buffer.count)
        let token = String(decoding: buffer.prefix(max(0, count)).prefix { $0 > 0x20 }, as: UTF8.self)
        guard token.utf8.count == 64, token.allSatisfy(\.isHexDigit) else {
            throw refused("it does not hold 64 hexadecimal digits")
        }
        return EngineCookie(token: token, owner: status.st_uid)
    }

    /// Sends the cookie and waits until the engine has taken it; never to a listener of somebody else.
    func authenticate(
        _ socket: Descriptor, host: String, port: UInt16, _ address: EngineAddress
    ) throws(EngineConnectError) -> EngineTransport {
        let owners = TCPListeners.owners(port: port)
        guard owners == [owner] else {
            let text =
                "the listener at \(address) does not belong to the engine's user \(owner): the cookie was not sent"
            throw EngineConnectError(.refused, text)
        }
        let request = Message.request(Request(id: .integer(0), method: RpcAuth.name, params: ["token": .string(token)]))
        let line = request.json.bytes + [0x0a]
        guard send(socket.number, line, line.count, Int32(MSG_NOSIGNAL)) == line.count else {
            throw .notRunning(address, String(cString: strerror(errno)))
        }
        var framer = LineFramer(limitBytes: 64 << 10)
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            if case .line(let bytes) = framer.next() {
                try check(Line(bytes, limits: JSONLimits(), batchItems: 1), address)
                return EngineTransport(socket, received: Array(framer.rest))
            }
            var polled = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
            guard poll(&polled, 1, 10_000) == 1 else { throw .notRunning(address, "it does not answer") }
            let count = Glibc.read(socket.number, &buffer, buffer.count)
            guard count > 0 else { throw .notRunning(address, "it closed the connection") }
            framer.append(buffer[..<count])
        }
    }

    private func check(_ line: Line, _ address: EngineAddress) throws(EngineConnectError) {
        guard case .message(let message) = line else {
            throw EngineConnectError(.refused, "what answers at \(address) is no engine")
        }
        switch message {
        case .response(let response):
            if case .failure(let error) = response.outcome {
                throw EngineConnectError(.refused, "the engine at \(address) refused the cookie: \(error.message)")
            }
        case .invalid(let error, _), .refusal(let error):
            throw EngineConnectError(.refused, "the engine at \(address) refused the cookie: \(error.message)")
        case .request, .notification: throw EngineConnectError(.refused, "what answers at \(address) is no engine")
        }
    }
}

/// Who listens on which TCP port of this network namespace, as the kernel tells.
enum TCPListeners {
    /// The users whose sockets listen on `port`, whatever the address: several may share it.
    static func owners(port: UInt16) -> Set<uid_t> {
        var owners: Set<uid_t> = []
        for table in ["/proc/self/net/tcp", "/proc/self/net/tcp6"] {
            guard let file = fopen(table, "re") else { continue }
            defer { fclose(file) }
            var line = [CChar](repeating: 0, count: 512)
            while fgets(&line, Int32(line.count), file) != nil {
                let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
                if let owner = owner(in: text, port: port) { owners.insert(owner) }
            }
        }
        return owners
    }

    /// The owner of the socket that one line of the table describes, where that socket listens on `port`.
    static func owner(in line: String, port: UInt16) -> uid_t? {
        let fields = line.split(separator: " ")
        // sl, local, remote, state (0A: LISTEN), queues, timer, retransmits, uid
        guard fields.count > 7, fields[3] == "0A", let colon = fields[1].lastIndex(of: ":"),
            UInt16(fields[1][fields[1].index(after: colon)...], radix: 16) == port
        else { return nil }
        return uid_t(fields[7])
    }
}
