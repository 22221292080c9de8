import JSONRPC
import KenterProtocol
import Netlink

/// A network whose specification is complete and makes sense.
struct Network: Sendable, Equatable {
    let id: String
    let name: String
    let spec: NetworkSpecification
    let subnet: IPPrefix
    let gateway: IPAddress
    let ipv6Subnet: IPPrefix?
    /// Services of the host that every member may reach.
    let hostServices: [TransportPort]

    var isInternal: Bool { spec.internal ?? false }
    var isIsolated: Bool { spec.isolated ?? false }
    var mtu: UInt32? { spec.mtu.map(UInt32.init) }
    var subnets: [IPPrefix] { [subnet] + (ipv6Subnet.map { [$0] } ?? []) }

    /// The address that containers send to for everything beyond themselves.
    func gateway(_ family: IPAddress.Family) -> IPAddress { family == .ipv4 ? gateway : Self.ipv6Gateway }

    /// fe80::1, on every device: IPv6 needs no address of the subnet on the host.
    static let ipv6Gateway = IPAddress(family: .ipv6, value: 0xfe80 << 112 | 1)

    /// Fails with `invalidParams`, naming the member, when the specification is incomplete or contradicts itself.
    init(id: String, name: String, spec: NetworkSpecification) throws(RPCError) {
        self.id = id
        self.name = name
        let subnet = try Self.prefix(spec.subnet ?? "", "subnet", .ipv4, lengths: 8...30)
        let gateway = IPAddress(spec.gateway ?? "") ?? subnet.address(at: 1)
        guard let gateway, spec.gateway == nil || IPAddress(spec.gateway ?? "") != nil else {
            throw RPCError(.invalidParams, "gateway: \(spec.gateway ?? "") is no IP address")
        }
        guard subnet.contains(gateway), gateway != subnet.address, gateway != subnet.last else {
            throw RPCError(.invalidParams, "gateway: \(gateway) is no address that a device in \(subnet) can have")
        }
        if let mtu = spec.mtu, !(68...65_535).contains(mtu) {
            throw RPCError(.invalidParams, "mtu: \(mtu) is not between 68 and 65535")
        }
        if let option = spec.options?.keys.sorted().first {
            throw RPCError(.invalidParams, "options: network-routed has no option named '\(option)'")
        }
        ipv6Subnet = try spec.ipv6Subnet.map { text throws(RPCError) in
            try Self.prefix(text, "ipv6Subnet", .ipv6, lengths: 16...126)
        }
        if let length = ipv6Subnet,
            length.overlaps(IPPrefix(host: Self.ipv6Gateway)) || length.address.value >> 120 == 0xff
        {
            throw RPCError(.invalidParams, "ipv6Subnet: \(length) holds link-local or multicast addresses")
        }
        hostServices = try TransportPort.list(spec.hostPorts ?? [])
        self.subnet = subnet
        self.gateway = gateway
        var complete = spec
        complete.subnet = subnet.description
        complete.gateway = gateway.description
        complete.ipv6Subnet = ipv6Subnet?.description
        complete.internal = spec.internal ?? false
        complete.isolated = spec.isolated ?? false
        self.spec = complete
    }

    private static func prefix(
        _ text: String, _ member: String, _ family: IPAddress.Family, lengths: ClosedRange<Int>
    ) throws(RPCError) -> IPPrefix {
        guard let prefix = IPPrefix(text), prefix.family == family, lengths.contains(prefix.length) else {
            throw RPCError(
                .invalidParams,
                "\(member): '\(text)' is no \(family) subnet with /\(lengths.lowerBound) to /\(lengths.upperBound)")
        }
        guard prefix.network == prefix else {
            throw RPCError(.invalidParams, "\(member): \(prefix) has host bits set; did you mean \(prefix.network)?")
        }
        let first = prefix.address
        guard family == .ipv6 || !(first.isLoopback || first.value >> 24 == 0 || first.value >> 28 >= 14) else {
            throw RPCError(.invalidParams, "\(member): \(prefix) is not for hosts")
        }
        return prefix
    }
}
