import CLinux
import Glibc
public import JSONRPC
import Threads

/// A bare connection to an engine: bytes out, lines in, nothing understood.
public final class LineClient: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// A client whose other end is the descriptor, which is the caller's to close.
    public static func pair() throws -> (LineClient, Int32) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw CommandFailure("no socket pair: \(String(cString: strerror(errno)))")
        }
        return (LineClient(descriptor: ends[0]), ends[1])
    }

    /// Connects to a Unix socket.
    public static func unix(_ path: String) throws -> LineClient {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        return try connected(descriptor, to: address, named: path)
    }

    /// Connects to a TCP port of the loopback address inside a network namespace.
    public static func tcp(port: UInt16, in network: TestNetwork) async throws -> LineClient {
        let path = network.path
        // A thread of its own, since entering a namespace concerns the whole thread.
        let descriptor = await DetachedThread.runApart {
            let namespace = open(path, O_RDONLY | O_CLOEXEC)
            guard namespace >= 0, clinux_setns(namespace, newNetworkNamespace) == 0 else { return Int32(-1) }
            close(namespace)
            return socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return try connected(descriptor, to: address, named: "127.0.0.1:\(port)")
    }

    /// Sends bytes as they are; an error of the peer shows when reading.
    public func send(bytes: [UInt8]) async {
        let descriptor = descriptor
        await DetachedThread.run {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return }
            }
        }
    }

    /// Sends a line and its end.
    public func send(_ line: String) async { await send(bytes: Array("\(line)\n".utf8)) }

    /// Tells the peer that nothing more will come.
    public func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// The next line without its end; `nil` when the peer closed the connection.
    ///
    /// Throws when neither happens before the deadline.
    public func receive(within deadline: Duration = .seconds(20)) async throws -> String? {
        let descriptor = descriptor
        let milliseconds = Int32(deadline.components.seconds * 1000)
        let result = await DetachedThread.run { () -> (line: [UInt8], open: Bool, timely: Bool) in
            var line: [UInt8] = []
            var byte: UInt8 = 0
            while true {
                var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                guard poll(&polled, 1, milliseconds) > 0 else { return (line, true, false) }
                let count = Glibc.read(descriptor, &byte, 1)
                if count == 0 || (count < 0 && errno != EINTR) { return (line, false, true) }
                if byte == UInt8(ascii: "\n") { return (line, true, true) }
                line.append(byte)
            }
        }
        guard result.timely else {
            throw CommandFailure("no line within \(deadline); so far: \(String(decoding: result.line, as: UTF8.self))")
        }
        if !result.open && result.line.isEmpty { return nil }
        return String(decoding: result.line, as: UTF8.self)
    }

    /// Reads what is there, at most so many bytes, and returns how many that were.
    public func read(atMost maximum: Int) async throws -> Int {
        let descriptor = descriptor
        return await DetachedThread.run {
            var bytes = [UInt8](repeating: 0, count: maximum)
            return max(0, recv(descriptor, &bytes, maximum, Int32(MSG_DONTWAIT)))
        }
    }

    /// Whether the peer has closed the connection, read or not what it sent before.
    public var isClosedByPeer: Bool {
        var polled = pollfd(fd: descriptor, events: 0, revents: 0)
        return poll(&polled, 1, 0) > 0 && polled.revents & Int16(POLLHUP | POLLERR) != 0
    }

    /// Sends one request and parses the next line, which must be there.
    public func call(_ line: String) async throws -> JSONValue {
        await send(line)
        guard let answer = try await receive() else {
            throw CommandFailure("the connection closed without an answer to: \(line)")
        }
        return try JSONValue(text: answer)
    }

    private static func connected<Address>(_ descriptor: Int32, to address: Address, named name: String) throws
        -> LineClient
    {
        var address = address
        let status = withUnsafeBytes(of: &address) { bytes in
            connect(descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
        guard status == 0 else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw CommandFailure("cannot connect to \(name): \(reason)")
        }
        return LineClient(descriptor: descriptor)
    }
}

/// CLONE_NEWNET, a macro that Swift does not import.
private let newNetworkNamespace: Int32 = 0x4000_0000
