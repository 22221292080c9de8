import CLinux
import Glibc
import KenterProtocol
import Synchronization
import Threads

/// Passes connections on that reach a published port without being translated by the packet filter: those to ::1, which
/// cannot be translated, and those to any IPv6 address when the container has none.
///
/// Closing a port ends its connections. TCP only; datagrams to ::1 are passed on by ``DatagramRelay``.
final class PortRelay: Sendable {
    /// Connections at once, over all ports: each takes a thread.
    private static let connectionCountMax = 512

    private struct Listener {
        /// `nil`: what arrives here is refused.
        var target: SocketAddress?
        var connections: Set<Int32> = []
        var datagrams: DatagramRelay?
    }

    private struct State {
        var listeners: [Int32: Listener] = [:]
        var connectionCount = 0
        /// The epoll descriptor that the accepting thread waits on; -1 until the first port is opened.
        var waiter: Int32 = -1
    }

    private let state = Mutex(State())

    /// Takes over a bound socket.
    func open(_ descriptor: Int32, _ transport: Port.TransportProtocol, to target: SocketAddress?) {
        state.withLock { state in
            var listener = Listener(target: target)
            if transport == .tcp {
                if state.waiter < 0 { startAccepting(&state) }
                var event = epoll_event()
                event.events = EPOLLIN.rawValue
                event.data.fd = descriptor
                epoll_ctl(state.waiter, EPOLL_CTL_ADD, descriptor, &event)
            } else if let target {
                listener.datagrams = DatagramRelay(descriptor, to: target)
            }
            state.listeners[descriptor] = listener
        }
    }

    /// Sends what comes from now on to another place.
    func retarget(_ descriptor: Int32, to target: SocketAddress?) {
        state.withLock { state in
            state.listeners[descriptor]?.target = target
            if let target { state.listeners[descriptor]?.datagrams?.retarget(target) }
        }
    }

    /// Closes a socket; the port is free and its connections have ended when this returns.
    func close(_ descriptor: Int32) {
        let datagrams = state.withLock { state -> DatagramRelay? in
            guard let listener = state.listeners.removeValue(forKey: descriptor) else { return nil }
            for connection in listener.connections { shutdown(connection, Int32(SHUT_RDWR)) }
            if listener.datagrams == nil { Glibc.close(descriptor) }
            return listener.datagrams
        }
        datagrams?.stop()
    }

    private func startAccepting(_ state: inout State) {
        state.waiter = epoll_create1(Int32(EPOLL_CLOEXEC))
        let waiter = state.waiter
        DetachedThread.start { [self] in
            var events = [epoll_event](repeating: epoll_event(), count: 16)
            while true {
                let count = epoll_wait(waiter, &events, Int32(events.count), -1)
                if count < 0 && errno != EINTR { return }
                for event in events.prefix(max(0, Int(count))) { accept(on: event.data.fd) }
            }
        }
    }

    /// Everything under the lock: the descriptor cannot become another socket's meanwhile.
    private func accept(on descriptor: Int32) {
        let start = state.withLock { state -> (client: Int32, target: SocketAddress)? in
            guard let listener = state.listeners[descriptor] else { return nil }
            let client = Glibc.accept(descriptor, nil, nil)
            guard client >= 0 else { return nil }
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            guard let target = listener.target, state.connectionCount < Self.connectionCountMax else {
                refuse(client)
                return nil
            }
            state.connectionCount += 1
            state.listeners[descriptor]?.connections.insert(client)
            return (client, target)
        }
        guard let (client, target) = start else { return }
        DetachedThread.start { [self] in
            relay(client, to: target, listener: descriptor)
        }
    }

    private func relay(_ client: Int32, to target: SocketAddress, listener: Int32) {
        let family = target.withPointer { address, _ in Int32(address?.pointee.sa_family ?? 0) }
        let server = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let isOpen = state.withLock { state in
            state.listeners[listener]?.connections.insert(server)
            return state.listeners[listener]?.connections.contains(client) ?? false
        }
        if isOpen, server >= 0, target.withPointer({ connect(server, $0, $1) }) == 0 {
            StreamPair(client, server).pump()
        } else {
            refuse(client, closing: false)
        }
        state.withLock { state in
            state.connectionCount -= 1
            for descriptor in [client, server] where descriptor >= 0 {
                state.listeners[listener]?.connections.remove(descriptor)
                Glibc.close(descriptor)
            }
        }
    }
}

/// Makes closing the connection reset it.
private func refuse(_ client: Int32, closing: Bool = true) {
    var abort = linger(l_onoff: 1, l_linger: 0)
    setsockopt(client, SOL_SOCKET, SO_LINGER, &abort, socklen_t(MemoryLayout<linger>.size))
    if closing { close(client) }
}
