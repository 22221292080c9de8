import CLinux
import Glibc
import Synchronization
import Threads

/// Passes datagrams on that reach a published port without being translated, each client through a socket of its own,
/// and the answers back.
final class DatagramRelay: Sendable {
    /// Clients at once; the one heard of least recently makes room for a new one.
    private static let clientCountMax = 64
    /// How long a silent client is remembered.
    private static let silenceMilliseconds: Int32 = 60_000

    private let descriptor: Int32
    private let target: Mutex<SocketAddress>
    /// Written to end the thread, and written by the thread when it has ended.
    private let wake: Int32
    private let done: Int32

    /// Takes over a bound socket.
    init(_ descriptor: Int32, to target: SocketAddress) {
        self.descriptor = descriptor
        self.target = Mutex(target)
        wake = eventfd(0, Int32(EFD_CLOEXEC))
        done = eventfd(0, Int32(EFD_CLOEXEC))
        DetachedThread.start { [self] in
            relay()
            signal(done)
        }
    }

    deinit {
        close(wake)
        close(done)
    }

    /// Sends new clients there; those that are known stay where they are.
    func retarget(_ target: SocketAddress) { self.target.withLock { $0 = target } }

    /// Ends the relay; the port is free when this returns.
    func stop() {
        signal(wake)
        var count: UInt64 = 0
        while read(done, &count, 8) < 0 && errno == EINTR {}
        close(descriptor)
    }

    private func signal(_ event: Int32) {
        var one: UInt64 = 1
        write(event, &one, 8)
    }

    private struct Client {
        var address: sockaddr_in6
        var server: Int32
        var lastHeard: UInt64
    }

    private func relay() {
        var clients: [Client] = []
        defer { for client in clients { close(client.server) } }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var clock: UInt64 = 0
        while true {
            var polled = ([wake, descriptor] + clients.map(\.server)).map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            let ready = poll(&polled, nfds_t(polled.count), clients.isEmpty ? -1 : Self.silenceMilliseconds)
            if ready < 0 && errno != EINTR || polled[0].revents != 0 { return }
            if ready == 0 {
                for client in clients { close(client.server) }
                clients = []
            }
            clock += 1
            for (index, entry) in polled.dropFirst(2).enumerated() where entry.revents != 0 {
                let count = recv(entry.fd, &buffer, buffer.count, Int32(MSG_DONTWAIT))
                if count >= 0 { send(buffer[..<count], to: clients[index].address) }
                clients[index].lastHeard = clock
            }
            if polled[1].revents != 0 { receive(&clients, &buffer, clock) }
        }
    }

    private func receive(
        _ clients: inout [Client], _ buffer: inout [UInt8], _ clock: UInt64
    ) {
        var address = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let count = withUnsafeMutableBytes(of: &address) { bytes in
            recvfrom(
                descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT),
                bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
        }
        guard count >= 0 else { return }
        let isSame = { (client: Client) in
            client.address.sin6_port == address.sin6_port
                && withUnsafeBytes(of: client.address.sin6_addr) { one in
                    withUnsafeBytes(of: address.sin6_addr) { one.elementsEqual($0) }
                }
        }
        if let index = clients.firstIndex(where: isSame) {
            clients[index].lastHeard = clock
            Glibc.send(clients[index].server, buffer, count, Int32(MSG_DONTWAIT))
            return
        }
        let oldest = clients.indices.min { clients[$0].lastHeard < clients[$1].lastHeard }
        if clients.count >= Self.clientCountMax, let oldest { close(clients.remove(at: oldest).server) }
        let target = target.withLock { $0 }
        let family = target.withPointer { pointer, _ in Int32(pointer?.pointee.sa_family ?? 0) }
        let server = socket(family, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard server >= 0 else { return }
        guard target.withPointer({ connect(server, $0, $1) }) == 0 else {
            close(server)
            return
        }
        Glibc.send(server, buffer, count, Int32(MSG_DONTWAIT))
        clients.append(Client(address: address, server: server, lastHeard: clock))
    }

    private func send(_ bytes: ArraySlice<UInt8>, to client: sockaddr_in6) {
        _ = bytes.withUnsafeBytes { payload in
            withUnsafeBytes(of: client) { address in
                sendto(
                    descriptor, payload.baseAddress, payload.count, Int32(MSG_DONTWAIT),
                    address.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                    socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }
}
