import CLinux
import Glibc

/// A network device.
public struct Link: Sendable, Equatable {
    public var index: Int32
    public var name: String
    /// `aa:bb:cc:dd:ee:ff`, empty for a device without hardware address.
    public var hardwareAddress: String
    /// Whether an administrator has switched it on.
    public var isUp: Bool
    /// Whether it passes packets: switched on, with a carrier, its queue started.
    public var isOperational: Bool
    public var mtu: UInt32
    public var statistics: Statistics

    /// Counters since the device exists, seen from the namespace it is in.
    public struct Statistics: Sendable, Equatable {
        public var receivedBytes: UInt64 = 0
        public var sentBytes: UInt64 = 0
        public var receivedPackets: UInt64 = 0
        public var sentPackets: UInt64 = 0
        /// Packets dropped in either direction.
        public var dropped: UInt64 = 0
    }
}

/// One end of a pair of virtual Ethernet devices that is to be made.
public struct VethEnd: Sendable {
    public var name: String
    /// Six octets; `nil` lets the kernel choose.
    public var hardwareAddress: [UInt8]?

    public init(name: String, hardwareAddress: [UInt8]? = nil) {
        self.name = name
        self.hardwareAddress = hardwareAddress
    }
}

extension RouteSocket {
    /// Makes a pair of devices, both switched off: `host` in this socket's namespace, `peer` straight in `namespace`.
    public mutating func createVeth(
        host: VethEnd, peer: VethEnd, in namespace: borrowing NetworkNamespace, mtu: UInt32?
    ) throws(NetlinkError) {
        let descriptor = namespace.descriptor
        var message = NetlinkMessage(Int(RTM_NEWLINK), flags: NLM_F_CREATE | NLM_F_EXCL)
        message.append(ifinfomsg())
        message.describe(host, mtu: mtu)
        message.nested(Int(IFLA_LINKINFO)) { info in
            info.attribute(Int(IFLA_INFO_KIND), "veth")
            info.nested(Int(IFLA_INFO_DATA)) { data in
                data.nested(Int(VETH_INFO_PEER)) { end in
                    end.append(ifinfomsg())
                    end.describe(peer, mtu: mtu)
                    end.attribute(Int(IFLA_NET_NS_FD), number: UInt32(bitPattern: descriptor))
                }
            }
        }
        try socket.change(message, "create the devices \(host.name) and \(peer.name)")
    }

    /// The device of that name; `nil` when there is none.
    public mutating func link(named name: String) throws(NetlinkError) -> Link? {
        var message = NetlinkMessage(Int(RTM_GETLINK))
        message.append(ifinfomsg())
        message.attribute(Int(IFLA_IFNAME), name)
        var found: Link?
        do throws(NetlinkError) {
            try socket.query(message, "look up the device \(name)") { _, payload in found = Link(payload) }
        } catch let error where error.errno == ENODEV {
            return nil
        }
        return found
    }

    /// Every device of the namespace.
    public mutating func links() throws(NetlinkError) -> [Link] {
        var message = NetlinkMessage(Int(RTM_GETLINK), flags: NLM_F_DUMP)
        message.append(ifinfomsg())
        var found: [Int32: Link] = [:]
        try socket.query(message, "list devices") { _, payload in
            if let link = Link(payload) { found[link.index] = link }
        }
        return found.values.sorted { $0.index < $1.index }
    }

    /// Switches a device on or off.
    public mutating func setLink(index: Int32, up: Bool) throws(NetlinkError) {
        let flag = UInt32(IFF_UP)
        var message = NetlinkMessage(Int(RTM_NEWLINK))
        message.append(
            ifinfomsg(
                ifi_family: 0, __ifi_pad: 0, ifi_type: 0, ifi_index: index, ifi_flags: up ? flag : 0, ifi_change: flag))
        try socket.change(message, "switch device \(index) \(up ? "on" : "off")")
    }

    /// Deletes a device, and with a veth its other end; one that is gone already is fine. Takes tens of milliseconds.
    public mutating func deleteLink(named name: String) throws(NetlinkError) {
        if let link = try link(named: name) { try deleteLink(index: link.index) }
    }

    /// The same by number, which no later device of the same name can have.
    public mutating func deleteLink(index: Int32) throws(NetlinkError) {
        var message = NetlinkMessage(Int(RTM_DELLINK))
        message.append(
            ifinfomsg(ifi_family: 0, __ifi_pad: 0, ifi_type: 0, ifi_index: index, ifi_flags: 0, ifi_change: 0))
        do throws(NetlinkError) {
            try socket.change(message, "delete device \(index)")
        } catch let error where error.isAbsence {
            return
        }
    }
}

extension NetlinkMessage {
    fileprivate mutating func describe(_ end: VethEnd, mtu: UInt32?) {
        attribute(Int(IFLA_IFNAME), end.name)
        if let mtu { attribute(Int(IFLA_MTU), number: mtu) }
        if let address = end.hardwareAddress { attribute(Int(IFLA_ADDRESS), address) }
    }
}

extension Link {
    fileprivate init?(_ payload: ArraySlice<UInt8>) {
        guard let header = payload.structure(ifinfomsg.self) else { return nil }
        let attributes = NetlinkAttributes(payload.dropFirst(MemoryLayout<ifinfomsg>.size))
        index = header.ifi_index
        isUp = header.ifi_flags & UInt32(IFF_UP) != 0
        // IF_OPER_UP of RFC 2863.
        isOperational = attributes[Int(IFLA_OPERSTATE)]?.first == 6
        name = attributes[Int(IFLA_IFNAME)]?.text ?? ""
        mtu = attributes[Int(IFLA_MTU)]?.number(UInt32.self) ?? 0
        hardwareAddress = HardwareAddress.text(attributes[Int(IFLA_ADDRESS)] ?? [])
        statistics = Statistics()
        guard let counters = attributes[Int(IFLA_STATS64)] else { return }
        func counter(_ position: Int) -> UInt64 { counters.number(UInt64.self, at: position * 8) ?? 0 }
        statistics = Statistics(
            receivedBytes: counter(2), sentBytes: counter(3), receivedPackets: counter(0), sentPackets: counter(1),
            dropped: counter(6) &+ counter(7))
    }
}

/// Ethernet addresses as text.
public enum HardwareAddress {
    /// `aa:bb:cc:dd:ee:ff` for six octets.
    public static func text(_ octets: some Sequence<UInt8>) -> String {
        octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
    }

    /// Six octets; `nil` for anything but six pairs of hexadecimal digits, or for a group address.
    public static func octets(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let octets = parts.compactMap { part in
            part.utf8.count == 2 && part.first != "+" && part.first != "-" ? UInt8(part, radix: 16) : nil
        }
        guard parts.count == 6, octets.count == 6, octets[0] & 1 == 0, octets.contains(where: { $0 != 0 }) else {
            return nil
        }
        return octets
    }
}
