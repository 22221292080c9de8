import CLinux
import Glibc

/// A route: where packets for a destination go.
public struct Route: Sendable, Hashable {
    /// What happens to a packet that follows the route.
    public enum Kind: Sendable, Hashable {
        case unicast
        /// Dropped without a word.
        case blackhole
        /// Delivered to this host.
        case local
        /// Any other kind, by its kernel number.
        case other(UInt8)
    }

    public var kind: Kind
    public var destination: IPPrefix
    public var gateway: IPAddress?
    public var interfaceIndex: Int32?
    /// The routing table's number; 254 is the main one.
    public var table: UInt32
    /// IPv4: whether the destination lies on the device itself. Implied for a route without gateway to a device.
    public var isOnLink: Bool
    /// Lower wins among routes to one destination; `nil` lets the kernel choose.
    public var metric: UInt32?

    /// The table that is looked at when no rule says otherwise.
    public static let mainTable = UInt32(254)

    public init(
        kind: Kind = .unicast, to destination: IPPrefix, via gateway: IPAddress? = nil, interfaceIndex: Int32? = nil,
        table: UInt32 = Route.mainTable, metric: UInt32? = nil
    ) {
        self.kind = kind
        self.destination = destination
        self.gateway = gateway
        self.interfaceIndex = interfaceIndex
        self.table = table
        self.metric = metric
        isOnLink = gateway == nil && interfaceIndex != nil
    }
}

extension RouteSocket {
    /// Adds a route, in place of one to the same destination with the same metric.
    public mutating func replaceRoute(_ route: Route) throws(NetlinkError) {
        try socket.change(
            message(route, Int(RTM_NEWROUTE), flags: NLM_F_CREATE | NLM_F_REPLACE), "add the route \(route)")
    }

    /// Adds a route; fails with `EEXIST` when there is one to the same destination with the same metric.
    public mutating func addRoute(_ route: Route) throws(NetlinkError) {
        try socket.change(message(route, Int(RTM_NEWROUTE), flags: NLM_F_CREATE | NLM_F_EXCL), "add the route \(route)")
    }

    /// Deletes a route; one that is gone already is fine.
    public mutating func deleteRoute(_ route: Route) throws(NetlinkError) {
        do throws(NetlinkError) {
            try socket.change(message(route, Int(RTM_DELROUTE)), "delete the route \(route)")
        } catch let error where error.isAbsence {
            return
        }
    }

    /// Every route of a family, in every table.
    public mutating func routes(_ family: IPAddress.Family) throws(NetlinkError) -> [Route] {
        var message = NetlinkMessage(Int(RTM_GETROUTE), flags: NLM_F_DUMP)
        var header = rtmsg()
        header.rtm_family = family.number
        message.append(header)
        var found: [Route] = []
        try socket.query(message, "list routes") { _, payload in
            if let route = Route(payload), !found.contains(route) { found.append(route) }
        }
        return found
    }

    private func message(_ route: Route, _ type: Int, flags: Int32 = 0) -> NetlinkMessage {
        let scope =
            switch route.kind {
            case .unicast: route.isOnLink && route.destination.family == .ipv4 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE
            case .local: RT_SCOPE_HOST
            case .blackhole, .other: RT_SCOPE_UNIVERSE
            }
        var header = rtmsg()
        header.rtm_family = route.destination.family.number
        header.rtm_dst_len = UInt8(route.destination.length)
        header.rtm_table = route.table < 256 ? UInt8(route.table) : UInt8(RT_TABLE_UNSPEC.rawValue)
        // Whoever made a route may be asked to delete it: the protocol is part of what has to match.
        header.rtm_protocol = UInt8(type == Int(RTM_DELROUTE) ? RTPROT_UNSPEC : RTPROT_STATIC)
        header.rtm_scope = UInt8(scope.rawValue)
        header.rtm_type = route.kind.number
        var message = NetlinkMessage(type, flags: flags)
        message.append(header)
        message.attribute(Int(RTA_TABLE.rawValue), number: route.table)
        if route.destination.length > 0 {
            message.attribute(Int(RTA_DST.rawValue), route.destination.network.address.bytes)
        }
        if let gateway = route.gateway { message.attribute(Int(RTA_GATEWAY.rawValue), gateway.bytes) }
        if let index = route.interfaceIndex { message.attribute(Int(RTA_OIF.rawValue), number: index) }
        if let metric = route.metric { message.attribute(Int(RTA_PRIORITY.rawValue), number: metric) }
        return message
    }
}

extension Route.Kind {
    fileprivate var number: UInt8 {
        switch self {
        case .unicast: UInt8(RTN_UNICAST)
        case .blackhole: UInt8(RTN_BLACKHOLE)
        case .local: UInt8(RTN_LOCAL)
        case .other(let number): number
        }
    }

    fileprivate init(number: UInt8) {
        switch Int(number) {
        case Int(RTN_UNICAST): self = .unicast
        case Int(RTN_BLACKHOLE): self = .blackhole
        case Int(RTN_LOCAL): self = .local
        default: self = .other(number)
        }
    }
}

extension Route: CustomStringConvertible {
    fileprivate init?(_ payload: ArraySlice<UInt8>) {
        guard let header = payload.structure(rtmsg.self) else { return nil }
        let isFour = header.rtm_family == IPAddress.Family.ipv4.number
        guard isFour || header.rtm_family == IPAddress.Family.ipv6.number else { return nil }
        let attributes = NetlinkAttributes(payload.dropFirst(MemoryLayout<rtmsg>.size))
        let bytes = attributes[Int(RTA_DST.rawValue)]
        let address = bytes.flatMap(IPAddress.init(bytes:)) ?? IPAddress(family: isFour ? .ipv4 : .ipv6, value: 0)
        guard let destination = IPPrefix(address, length: Int(header.rtm_dst_len)) else { return nil }
        self.init(
            kind: Kind(number: header.rtm_type), to: destination,
            via: attributes[Int(RTA_GATEWAY.rawValue)].flatMap(IPAddress.init(bytes:)),
            interfaceIndex: attributes[Int(RTA_OIF.rawValue)]?.number(Int32.self),
            table: attributes[Int(RTA_TABLE.rawValue)]?.number(UInt32.self) ?? UInt32(header.rtm_table),
            metric: attributes[Int(RTA_PRIORITY.rawValue)]?.number(UInt32.self))
    }

    public var description: String {
        var text = kind == .blackhole ? "blackhole \(destination)" : "\(destination)"
        if let gateway { text += " via \(gateway)" }
        if table != Self.mainTable { text += " table \(table)" }
        return text
    }
}
