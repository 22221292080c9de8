import CLinux
import Glibc
import KenterProtocol
import Netlink

/// The tracked connections that a transaction makes untrue: they are forgotten after it, never before (the old element
/// would make them again). Each packet is judged anew anyway; this gives addresses and ports a clean start.
struct StaleConnections: Sendable {
    /// Those that any of these connections belong to.
    private(set) var families: Set<IPAddress.Family> = []
    /// Those that were an attachment's.
    private(set) var addresses: Set<IPAddress> = []
    private var closed: Set<Element> = []
    /// Container ports that are no longer reached through published ones.
    private var hidden: Set<Element> = []
    /// Host ports that no longer lead to a container, and those that now lead to one.
    private var unpublished: Set<Target> = []
    private var published: Set<TransportPort> = []

    private struct Target: Hashable {
        var port: TransportPort
        var address: IPAddress
    }

    init(_ transaction: FilterTransaction) {
        for element in transaction.removed {
            switch element {
            case .source(_, let address):
                addresses.insert(address)
                families.insert(address.family)
            case .link(let address, _, _), .echo(let address, _):
                closed.insert(element)
                families.insert(address.family)
            case .open(let address, _):
                hidden.insert(element)
                families.insert(address.family)
            case .published(_, let port, let address, _):
                unpublished.insert(Target(port: port, address: address))
                families.insert(address.family)
            case .hairpin, .subnet, .openSubnet, .closedDevice, .hostService: break
            }
        }
        // A client that sent datagrams to the port before it was published would go on talking to the host.
        for case .published(_, let port, let address, _) in transaction.added where port.transport == .udp {
            published.insert(port)
            families.insert(address.family)
        }
    }

    func contains(_ entry: ConntrackEntry) -> Bool {
        let (original, reply) = (entry.original, entry.reply)
        if entry.ends.contains(where: addresses.contains) { return true }
        guard let transport = Port.TransportProtocol(number: original.transport) else {
            return closed.contains(.echo(from: original.source, to: original.destination))
        }
        let port = TransportPort(transport: transport, number: original.destinationPort)
        if closed.contains(.link(from: original.source, to: original.destination, port)) { return true }
        if unpublished.contains(Target(port: port, address: reply.source)) { return true }
        let isTranslated = original.destination != reply.source
        if !isTranslated { return original.source == reply.destination && published.contains(port) }
        return hidden.contains(.open(reply.source, TransportPort(transport: transport, number: reply.sourcePort)))
    }
}

extension ConntrackEntry {
    /// The addresses at both ends, as either side sees them.
    var ends: [IPAddress] { [original.source, original.destination, reply.source, reply.destination] }
}

extension Port.TransportProtocol {
    /// The protocol's number in an IP header.
    var number: UInt8 {
        switch self {
        case .tcp: UInt8(IPPROTO_TCP)
        case .udp: UInt8(IPPROTO_UDP)
        case .sctp: UInt8(IPPROTO_SCTP)
        }
    }

    init?(number: UInt8) {
        guard let match = Self.allCases.first(where: { $0.number == number }) else { return nil }
        self = match
    }
}
