import CLinux
import Glibc
import KenterProtocol
import Netlink
import Synchronization
import TestSupport
import Threads

@testable import network_routed

/// What a client got.
enum Outcome: Equatable, Sendable {
    case answer(String)
    case refused
    /// Neither an answer nor a refusal in time.
    case silence
}

/// A connection that stays open.
struct OpenConnection: Sendable {
    let descriptor: Int32

    /// Sends a line and waits for it to come back.
    func isAlive(_ text: String = "ping", milliseconds: Int32 = 2000) async -> Bool {
        let descriptor = descriptor
        return await DetachedThread.run {
            let bytes = Array(text.utf8)
            guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return false }
            return receive(descriptor, milliseconds)?.hasSuffix(text) ?? false
        }
    }

    func end() { close(descriptor) }
}

/// Clients in a namespace.
enum Probe {
    /// Opens a TCP connection and reads the server's first line.
    ///
    /// A busy machine takes its time to answer; only where silence is expected is it not worth waiting for.
    static func tcp(
        from namespace: String, to address: String, _ port: UInt16, milliseconds: Int32 = 5000
    ) async -> Outcome {
        switch await connect(from: namespace, to: address, port, milliseconds: milliseconds) {
        case .success(let (connection, greeting)):
            connection.end()
            return .answer(greeting)
        case .failure(let failure): return failure.outcome
        }
    }

    struct Failure: Error { var outcome: Outcome }

    /// The same, keeping the connection.
    static func connect(
        from namespace: String, to address: String, _ port: UInt16, milliseconds: Int32 = 5000
    ) async -> Result<(OpenConnection, String), Failure> {
        await inside(namespace) {
            guard let address = IPAddress(address) else { return .failure(Failure(outcome: .silence)) }
            let descriptor = socket(
                Int32(address.family.number), Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            _ = SocketAddress(address, port).withPointer { Glibc.connect(descriptor, $0, $1) }
            var polled = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            var outcome = Outcome.silence
            if poll(&polled, 1, milliseconds) > 0 {
                var reason: Int32 = 0
                var size = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &reason, &size)
                if reason == 0, let greeting = receive(descriptor, 5000) {
                    _ = fcntl(descriptor, F_SETFL, 0)
                    return .success((OpenConnection(descriptor: descriptor), greeting))
                }
                outcome = .refused
            }
            close(descriptor)
            return .failure(Failure(outcome: outcome))
        }
    }

    /// Sends a datagram and waits for an answer, from a given local address and port where one is named.
    static func udp(
        from namespace: String, source: String? = nil, sourcePort: UInt16 = 0, to address: String, _ port: UInt16,
        milliseconds: Int32 = 5000
    ) async -> Outcome {
        await inside(namespace) {
            guard let address = IPAddress(address) else { return .silence }
            let descriptor = socket(Int32(address.family.number), Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            defer { close(descriptor) }
            if source != nil || sourcePort > 0 {
                let local = source.flatMap(IPAddress.init) ?? IPAddress(family: address.family, value: 0)
                guard SocketAddress(local, sourcePort).withPointer({ bind(descriptor, $0, $1) }) == 0 else {
                    return .silence
                }
            }
            guard SocketAddress(address, port).withPointer({ Glibc.connect(descriptor, $0, $1) }) == 0 else {
                return .refused
            }
            send(descriptor, "probe", 5, 0)
            var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&polled, 1, milliseconds) > 0 else { return .silence }
            return receive(descriptor, 0).map(Outcome.answer) ?? .refused
        }
    }

    static func ping(from namespace: String, _ address: String) async throws -> Bool {
        let tool = address.contains(":") ? "ping6" : "ping"
        let result = try await Command.run([
            "nsenter", "--net=\(namespace)", "--", "busybox", tool, "-c", "1", "-W", "1", address,
        ])
        return result.exit == 0
    }

    /// Runs `body` on a thread that has entered the namespace and ends there.
    static func inside<R: Sendable>(_ namespace: String, _ body: @escaping @Sendable () -> R) async -> R {
        await DetachedThread.runApart {
            let descriptor = open(namespace, O_RDONLY | O_CLOEXEC)
            defer { close(descriptor) }
            precondition(clinux_setns(descriptor, CLONE_NEWNET) == 0, "cannot enter \(namespace)")
            return body()
        }
    }
}

/// A server in a namespace, for both families: greets with its name and the client's address, then echoes.
final class Server: Sendable {
    private let descriptor: Int32
    private let received = Mutex<[String]>([])

    /// What datagrams said, and from whom.
    var datagrams: [String] { received.withLock { $0 } }

    init(_ name: String, in namespace: String, _ port: UInt16, _ transport: Port.TransportProtocol = .tcp) async throws
    {
        descriptor = await Probe.inside(namespace) {
            let kind = (transport == .tcp ? SOCK_STREAM : SOCK_DGRAM).rawValue | SOCK_CLOEXEC.rawValue
            let descriptor = socket(AF_INET6, Int32(kind), 0)
            var off: Int32 = 0
            setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &off, socklen_t(MemoryLayout<Int32>.size))
            let any = SocketAddress(IPAddress(family: .ipv6, value: 0), port)
            guard any.withPointer({ bind(descriptor, $0, $1) }) == 0,
                transport != .tcp || listen(descriptor, 16) == 0
            else {
                close(descriptor)
                return -1
            }
            return descriptor
        }
        guard descriptor >= 0 else { throw CommandFailure("cannot serve port \(port) in \(namespace)") }
        DetachedThread.start { [self] in
            if transport == .tcp { acceptAll(name) } else { echoDatagrams(name) }
        }
    }

    func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    private func acceptAll(_ name: String) {
        while true {
            let client = accept(descriptor, nil, nil)
            guard client >= 0 else { break }
            DetachedThread.start {
                let greeting = Array("\(name) \(peer(of: client))\n".utf8)
                send(client, greeting, greeting.count, Int32(MSG_NOSIGNAL))
                while let text = receive(client, -1), !text.isEmpty {
                    let bytes = Array(text.utf8)
                    send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                }
                close(client)
            }
        }
        close(descriptor)
    }

    private func echoDatagrams(_ name: String) {
        var buffer = [UInt8](repeating: 0, count: 2048)
        while true {
            var from = sockaddr_in6()
            var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
            let count = withUnsafeMutableBytes(of: &from) { bytes in
                recvfrom(
                    descriptor, &buffer, buffer.count, 0, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                    &length)
            }
            guard count > 0 else { break }
            let answer = "\(name) \(text(from))\n"
            received.withLock { $0.append(answer) }
            let bytes = Array(answer.utf8)
            _ = withUnsafeBytes(of: from) {
                sendto(
                    descriptor, bytes, bytes.count, 0, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), length)
            }
        }
        close(descriptor)
    }
}

private func receive(_ descriptor: Int32, _ milliseconds: Int32) -> String? {
    var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&polled, 1, milliseconds) > 0 else { return nil }
    var buffer = [UInt8](repeating: 0, count: 2048)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { return nil }
    return String(decoding: buffer[..<count].filter { $0 != 10 }, as: UTF8.self)
}

private func peer(of descriptor: Int32) -> String {
    var address = sockaddr_in6()
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    _ = withUnsafeMutableBytes(of: &address) {
        getpeername(descriptor, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
    }
    return text(address)
}

/// Without the prefix of an IPv4 address in IPv6 form.
private func text(_ address: sockaddr_in6) -> String {
    let octets = withUnsafeBytes(of: address.sin6_addr) { Array($0) }
    let isMapped = octets[..<10].allSatisfy { $0 == 0 } && octets[10] == 255 && octets[11] == 255
    return IPAddress(bytes: isMapped ? octets[12...] : octets[...])?.description ?? ""
}
