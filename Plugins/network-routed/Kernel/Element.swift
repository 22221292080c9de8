import KenterProtocol
import Netlink

/// An element of one of the table's sets and maps.
enum Element: Hashable, Sendable {
    /// The device may send from the address.
    case source(device: String, IPAddress)
    /// Connections from one address to a port of another.
    case link(from: IPAddress, to: IPAddress, TransportPort)
    /// ICMP echo from one address to another.
    case echo(from: IPAddress, to: IPAddress)
    /// A port of the host, on one address or on all of a family, leads to a port of a container.
    case published(hostAddress: IPAddress, TransportPort, to: IPAddress, containerPort: UInt16)
    /// A port of a container is reached through published ports.
    case open(IPAddress, TransportPort)
    /// A container may come back to itself through a published port.
    case hairpin(IPAddress)
    /// Addresses of containers.
    case subnet(IPPrefix)
    /// Members of the subnet reach each other.
    case openSubnet(IPPrefix)
    /// The device reaches no other networks.
    case closedDevice(String)
    /// The device may reach a service of the host.
    case hostService(device: String, TransportPort)

    /// The set or map that the element belongs to.
    var set: String {
        switch self {
        case .source(_, let address): name("src", address.family)
        case .link(let from, _, _): name("link", from.family)
        case .echo(let from, _): name("echo", from.family)
        case .published(let host, _, _, _):
            name("pub", host.family) + (host.isUnspecified ? "any" : "")
        case .open(let address, _): name("open", address.family)
        case .hairpin(let address): name("self", address.family)
        case .subnet(let prefix): name("nets", prefix.family)
        case .openSubnet(let prefix): name("icc", prefix.family)
        case .closedDevice: "internal"
        case .hostService: "hostopen"
        }
    }

    /// What the set is searched by.
    var key: String {
        switch self {
        case .source(let device, let address): "\"\(device)\" . \(address)"
        case .link(let from, let to, let port): "\(from) . \(to) . \(text(port))"
        case .echo(let from, let to): "\(from) . \(to)"
        case .published(let host, let port, _, _):
            host.isUnspecified ? text(port) : "\(host) . \(text(port))"
        case .open(let address, let port): "\(address) . \(text(port))"
        case .hairpin(let address): "\(address) . \(address)"
        case .subnet(let prefix): "\(prefix)"
        case .openSubnet(let prefix): "\(prefix) . \(prefix)"
        case .closedDevice(let device): "\"\(device)\""
        case .hostService(let device, let port): "\"\(device)\" . \(text(port))"
        }
    }

    /// Key and, in a map, value.
    var text: String {
        guard case .published(_, _, let address, let containerPort) = self else { return key }
        return "\(key) : \(address) . \(containerPort)"
    }

    private func name(_ noun: String, _ family: IPAddress.Family) -> String { noun + (family == .ipv4 ? "4" : "6") }
    private func text(_ port: TransportPort) -> String { "\(port.transport.rawValue) . \(port.number)" }
}
