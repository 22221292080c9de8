import CLinux
import Glibc

/// An address of a device.
public struct InterfaceAddress: Sendable, Hashable {
    public var interfaceIndex: Int32
    /// The address with its own bits, and the length of its network.
    public var prefix: IPPrefix
    /// Leaves out the route to the network that the kernel adds with an address.
    public var hasNoPrefixRoute = false
    /// IPv6: usable at once, without looking for a duplicate.
    public var skipsDuplicateDetection = false

    public init(
        interfaceIndex: Int32, prefix: IPPrefix, hasNoPrefixRoute: Bool = false, skipsDuplicateDetection: Bool = false
    ) {
        self.interfaceIndex = interfaceIndex
        self.prefix = prefix
        self.hasNoPrefixRoute = hasNoPrefixRoute
        self.skipsDuplicateDetection = skipsDuplicateDetection
    }
}

extension RouteSocket {
    /// Gives a device an address; the same one again is fine.
    public mutating func setAddress(_ address: InterfaceAddress) throws(NetlinkError) {
        try socket.change(
            message(address, Int(RTM_NEWADDR), flags: NLM_F_CREATE | NLM_F_REPLACE),
            "add address \(address.prefix) to device \(address.interfaceIndex)")
    }

    /// Takes an address away; one that is gone already is fine.
    public mutating func removeAddress(_ address: InterfaceAddress) throws(NetlinkError) {
        do throws(NetlinkError) {
            try socket.change(message(address, Int(RTM_DELADDR)), "remove address \(address.prefix)")
        } catch let error where error.isAbsence {
            return
        }
    }

    /// Every address of the namespace.
    public mutating func addresses() throws(NetlinkError) -> [InterfaceAddress] {
        var message = NetlinkMessage(Int(RTM_GETADDR), flags: NLM_F_DUMP)
        message.append(ifaddrmsg())
        var found: [InterfaceAddress] = []
        try socket.query(message, "list addresses") { _, payload in
            if let address = InterfaceAddress(payload), !found.contains(address) { found.append(address) }
        }
        return found
    }

    private func message(_ address: InterfaceAddress, _ type: Int, flags: Int32 = 0) -> NetlinkMessage {
        var settings: UInt32 = 0
        if address.hasNoPrefixRoute { settings |= UInt32(IFA_F_NOPREFIXROUTE) }
        if address.skipsDuplicateDetection { settings |= UInt32(IFA_F_NODAD) }
        var message = NetlinkMessage(type, flags: flags)
        message.append(
            ifaddrmsg(
                ifa_family: address.prefix.family.number, ifa_prefixlen: UInt8(address.prefix.length),
                ifa_flags: UInt8(truncatingIfNeeded: settings), ifa_scope: 0,
                ifa_index: UInt32(bitPattern: address.interfaceIndex)))
        message.attribute(Int(IFA_LOCAL), address.prefix.address.bytes)
        message.attribute(Int(IFA_ADDRESS), address.prefix.address.bytes)
        message.attribute(Int(IFA_FLAGS), number: settings)
        return message
    }
}

extension InterfaceAddress {
    fileprivate init?(_ payload: ArraySlice<UInt8>) {
        guard let header = payload.structure(ifaddrmsg.self) else { return nil }
        let attributes = NetlinkAttributes(payload.dropFirst(MemoryLayout<ifaddrmsg>.size))
        guard let bytes = attributes[Int(IFA_LOCAL)] ?? attributes[Int(IFA_ADDRESS)],
            let address = IPAddress(bytes: bytes), let prefix = IPPrefix(address, length: Int(header.ifa_prefixlen))
        else { return nil }
        let settings = attributes[Int(IFA_FLAGS)]?.number(UInt32.self) ?? UInt32(header.ifa_flags)
        self.init(
            interfaceIndex: Int32(bitPattern: header.ifa_index), prefix: prefix,
            hasNoPrefixRoute: settings & UInt32(IFA_F_NOPREFIXROUTE) != 0,
            skipsDuplicateDetection: settings & UInt32(IFA_F_NODAD) != 0)
    }
}
