import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import Netlink

/// The ports of the host that are published, each held by a bound socket.
struct HostPorts {
    private let relay: PortRelay
    private var held: [Key: HeldSocket] = [:]

    private struct Key: Hashable {
        var transport: Port.TransportProtocol
        var address: IPAddress
        var number: UInt16
    }

    init(relay: PortRelay) { self.relay = relay }

    /// Holds what was asked for; what `current` already has for the same request stays as it is.
    ///
    /// After an error nothing new is held. Ports of `current` that are no longer wanted stay held until ``release(_:)``.
    mutating func publish(
        _ requests: [Port], keeping current: [PublishedPort], to addresses: [IPAddress]
    ) throws(RPCError) -> [PublishedPort] {
        var published: [PublishedPort] = []
        var rest = current
        var fresh: [Port] = []
        do throws(RPCError) {
            for request in requests {
                if let index = rest.firstIndex(where: { $0.request == request }) {
                    published.append(rest.remove(at: index))
                } else {
                    let bound = try hold(request, to: addresses)
                    fresh += bound
                    published.append(PublishedPort(request: request, bound: bound))
                }
            }
        } catch {
            release(fresh)
            throw error
        }
        return published
    }

    /// Holds ports again after a restart; returns what another program has taken meanwhile.
    mutating func restore(_ ports: [Port], to addresses: [IPAddress]) -> [String] {
        ports.compactMap { port in
            guard let host = port.hostAddress.flatMap(IPAddress.init), let number = port.hostPort else { return nil }
            do throws(PortRefusal) {
                _ = try bind(port, host, number, to: addresses)
                return nil
            } catch {
                return "\(Self.refusal(error, port, host, number).message), taken while the plugin was away"
            }
        }
    }

    /// Has ports of a container lead to its new addresses.
    func retarget(_ ports: [Port], to addresses: [IPAddress]) {
        for port in ports {
            guard let host = port.hostAddress.flatMap(IPAddress.init), let number = port.hostPort,
                let socket = held[Key(transport: port.protocol, address: host, number: number)]
            else { continue }
            relay.retarget(socket.descriptor, to: Self.target(port, host, addresses))
        }
    }

    /// Lets ports go, and ends connections that were relayed through them.
    mutating func release(_ ports: [Port]) {
        for port in ports {
            guard let address = port.hostAddress.flatMap(IPAddress.init), let number = port.hostPort,
                let socket = held.removeValue(forKey: Key(transport: port.protocol, address: address, number: number))
            else { continue }
            relay.close(socket.descriptor)
        }
    }

    private mutating func hold(_ request: Port, to addresses: [IPAddress]) throws(RPCError) -> [Port] {
        let hosts = try Self.hostAddresses(request)
        let wanted = request.hostPort ?? 0
        guard request.containerPort > 0 else { throw RPCError(.invalidParams, "ports: a container port cannot be 0") }
        guard request.protocol != .sctp else {
            throw RPCError(.unsupported, "ports: network-routed cannot publish \(request.containerPort)/sctp")
        }
        // A port that is free in one family may be taken in the other: then another one has to be found.
        for _ in 1...64 {
            var bound: [Port] = []
            var refusal: (PortRefusal, IPAddress, UInt16)?
            for host in hosts {
                let number = bound.first?.hostPort ?? wanted
                do throws(PortRefusal) {
                    bound.append(try bind(request, host, number, to: addresses))
                } catch {
                    refusal = (error, host, number)
                    break
                }
            }
            guard let (error, host, number) = refusal else { return bound }
            release(bound)
            guard wanted == 0, error == .taken, !bound.isEmpty else { throw Self.refusal(error, request, host, number) }
        }
        throw RPCError(.exhausted, "all ports of \(request.hostAddress ?? "the host") are allocated")
    }

    private mutating func bind(
        _ request: Port, _ host: IPAddress, _ number: UInt16, to addresses: [IPAddress]
    ) throws(PortRefusal) -> Port {
        let socket = try HeldSocket.bind(request.protocol, host, number)
        held[Key(transport: request.protocol, address: host, number: socket.number)] = socket
        relay.open(socket.descriptor, request.protocol, to: Self.target(request, host, addresses))
        return Port(
            hostAddress: host.description, hostPort: socket.number, containerPort: request.containerPort,
            protocol: request.protocol)
    }

    /// What arrives at a held socket was not translated: for IPv6 it is passed on, for IPv4 the table is gone and the
    /// connection is refused.
    private static func target(_ port: Port, _ host: IPAddress, _ addresses: [IPAddress]) -> SocketAddress? {
        guard host.family == .ipv6 else { return nil }
        let target = addresses.first { $0.family == .ipv4 } ?? addresses.first
        return target.map { SocketAddress($0, port.containerPort) }
    }

    /// Every address of the host, in both families, for a request that names none.
    private static func hostAddresses(_ request: Port) throws(RPCError) -> [IPAddress] {
        guard let text = request.hostAddress, !text.isEmpty else {
            let families: [IPAddress.Family] = HostSettings.hasIPv6 ? [.ipv4, .ipv6] : [.ipv4]
            return families.map { IPAddress(family: $0, value: 0) }
        }
        guard let address = IPAddress(text) else {
            throw RPCError(.invalidParams, "ports: '\(text)' is no IP address")
        }
        return [address]
    }

    private static func refusal(
        _ error: PortRefusal, _ request: Port, _ host: IPAddress, _ number: UInt16
    ) -> RPCError {
        let place = host.family == .ipv4 ? "\(host):\(number)" : "[\(host)]:\(number)"
        switch error {
        case .taken: return .portTaken(request, "Bind for \(place) failed: port is already allocated")
        case .failed(let errno):
            let reason = String(cString: strerror(errno)).lowercased()
            return RPCError(
                errno == EADDRNOTAVAIL ? .invalidParams : .io, "Bind for \(place) failed: \(reason)")
        }
    }
}
