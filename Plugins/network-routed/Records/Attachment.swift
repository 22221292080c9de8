import JSONRPC
import KenterProtocol
import Netlink

/// A network namespace connected to a network, as asked for and as made. Kept on disk as it is here.
struct Attachment: Sendable, Codable, Equatable {
    /// As the engine asked; what it asks again is compared with this.
    var request: ProviderNetworkAttach
    /// The host's side.
    var device: String
    var hardwareAddress: String
    var published: [PublishedPort]

    var id: String { request.attachmentId }

    /// The addresses that the namespace has in the network.
    var addresses: [IPAddress] { request.addresses.compactMap { IPPrefix($0)?.address } }
    func address(_ family: IPAddress.Family) -> IPAddress? { addresses.first { $0.family == family } }
    var boundPorts: [Port] { published.flatMap(\.bound) }

    /// Whether the request asks for this attachment, at most in another place: with other addresses or another
    /// namespace. Ports as bound and the address the device got are as good as what was asked for.
    func isMeant(by other: ProviderNetworkAttach) -> Bool {
        guard other.ports == request.ports || other.ports == boundPorts,
            other.mac == request.mac || other.mac == hardwareAddress
        else { return false }
        var moved = other
        moved.addresses = request.addresses
        moved.netns = request.netns
        moved.networkState = request.networkState
        moved.ports = request.ports
        moved.mac = request.mac
        return moved == request
    }
}

/// A port that was asked for, and the host's ports it got.
struct PublishedPort: Sendable, Codable, Equatable {
    var request: Port
    /// One for each host address: `0.0.0.0` and `::` for a request without one.
    var bound: [Port]
}

extension ProviderNetworkAttach {
    /// Fails with `invalidParams` for anything that cannot be a connection to `network`.
    func checked(for network: Network) throws(RPCError) {
        guard netns.hasPrefix("/"), !netns.utf8.contains(0) else {
            throw RPCError(.invalidParams, "netns: '\(netns)' is no absolute path")
        }
        let isName = interface.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || "_.-".utf8.contains(byte)
        }
        guard isName, (1...15).contains(interface.utf8.count), ![".", "..", "lo", "all", "default"].contains(interface)
        else { throw RPCError(.invalidParams, "interface: '\(interface)' cannot be the name of an interface") }
        if let mac, HardwareAddress.octets(mac) == nil {
            throw RPCError(.invalidParams, "mac: '\(mac)' is no address of a device, such as 02:42:ac:11:00:02")
        }
        var families: Set<IPAddress.Family> = []
        for text in addresses {
            guard let prefix = IPPrefix(text) else {
                throw RPCError(.invalidParams, "addresses: '\(text)' is no address with its prefix length")
            }
            guard families.insert(prefix.family).inserted else {
                throw RPCError(.invalidParams, "addresses: more than one \(prefix.family) address")
            }
            guard let subnet = network.subnets.first(where: { $0.contains(prefix.address) }),
                subnet.length == prefix.length
            else {
                throw RPCError(
                    .invalidParams,
                    "addresses: \(prefix) does not belong to the network's subnets "
                        + network.subnets.map(\.description).joined(separator: " and "))
            }
            let isReserved =
                prefix.address == subnet.address || (prefix.family == .ipv4 && prefix.address == subnet.last)
            guard !isReserved, prefix.address != network.gateway else {
                throw RPCError(.invalidParams, "addresses: \(prefix.address) is reserved in \(subnet)")
            }
        }
        guard !families.isEmpty else { throw RPCError(.invalidParams, "addresses: at least one is needed") }
        _ = try TransportPort.list(hostPorts ?? [])
    }
}
