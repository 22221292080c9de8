import CLinux
import Glibc
import JSONRPC
import KenterProtocol

/// Reads the first line of a TCP connection and lets it in when it holds the cookie.
struct CookieGate {
    let cookie: String
    let limits: EngineLimitTable

    private enum Verdict {
        /// Let in; these bytes are to be served.
        case admitted([UInt8])
        case refused(RequestID?)
        /// Not even JSON-RPC.
        case foreign
    }

    /// What the client sent besides its proof; `nil` when it is not let in.
    func admit(_ descriptor: Descriptor) -> [UInt8]? {
        guard let (line, rest) = firstLine(descriptor.number) else { return nil }
        switch judge(line) {
        case .admitted(let bytes): return bytes + rest
        case .foreign: return nil
        case .refused(let id):
            // Slow enough to make guessing pointless, for this connection alone.
            usleep(250_000)
            let text = "this port wants the cookie of the engine's run directory: rpc.auth {token} first, or _meta.auth"
            Self.answer(descriptor, RPCError(.unauthenticated, text), id)
            return nil
        }
    }

    /// Tells a client that too many others have not shown the cookie yet.
    static func refuse(_ descriptor: Descriptor, _ limits: EngineLimitTable) {
        let text =
            "\(limits.connectionsBeforeAuthentication) connections have not shown the cookie yet, as many as this port "
            + "takes: try again later"
        answer(descriptor, RPCError(.overloaded, text), nil)
    }

    /// Without waiting: a new connection has room for one line.
    private static func answer(_ descriptor: Descriptor, _ error: RPCError, _ id: RequestID?) {
        let line = Message.invalid(error, id: id).json.bytes + [10]
        _ = line.withUnsafeBytes {
            send(descriptor.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
        }
    }

    /// The first line, and what came after it; `nil` when it is too long or too late.
    private func firstLine(_ descriptor: Int32) -> ([UInt8], [UInt8])? {
        let deadline = ContinuousClock.now + .seconds(limits.firstLineSeconds)
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: limits.lineBytesBeforeAuthentication + 1)
        while true {
            // Blank lines are none.
            received.trimPrefix { [32, 9, 13, 10].contains($0) }
            if let end = received.firstIndex(of: 10) {
                guard end <= limits.lineBytesBeforeAuthentication else { return nil }
                return (Array(received[..<end]), Array(received[(end + 1)...]))
            }
            guard received.count <= limits.lineBytesBeforeAuthentication else { return nil }
            // A first byte that no JSON object starts with: hang up at once.
            if let first = received.first, first != UInt8(ascii: "{") { return nil }
            let left = (deadline - .now).components
            let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
            guard milliseconds > 0 else { return nil }
            var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&polled, 1, Int32(milliseconds)) > 0 else { continue }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count == 0, !received.isEmpty { return (received, []) }
            guard count > 0 else { return nil }
            received += buffer[..<count]
        }
    }

    private func judge(_ line: [UInt8]) -> Verdict {
        guard let value = try? JSONScanner.scan(line), let object = value.object else { return .foreign }  // Garbage.
        guard case .request(var request) = Message(.object(object)) else { return .refused(nil) }
        if request.method == RpcAuth.name {
            guard isCookie(request.params["token"]) else { return .refused(request.id) }
            return .admitted(line + [10])
        }
        guard isCookie(request.meta["auth"]) else { return .refused(request.id) }
        request.meta["auth"] = nil
        return .admitted(Message.request(request).json.bytes + [10])
    }

    /// Compares every byte, whatever the first difference.
    private func isCookie(_ value: JSONValue?) -> Bool {
        let (given, expected) = (Array((value?.string ?? "").utf8), Array(cookie.utf8))
        guard given.count == expected.count else { return false }
        return zip(given, expected).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
