import CLinux
import Glibc

/// One direction of a tracked connection.
public struct ConntrackTuple: Sendable, Hashable {
    public var source: IPAddress
    public var destination: IPAddress
    /// The number of the transport protocol: 6 is TCP, 17 UDP, 1 ICMP.
    public var transport: UInt8
    /// 0 for protocols without ports.
    public var sourcePort: UInt16
    public var destinationPort: UInt16

    public init(
        source: IPAddress, destination: IPAddress, transport: UInt8, sourcePort: UInt16, destinationPort: UInt16
    ) {
        self.source = source
        self.destination = destination
        self.transport = transport
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
    }
}

/// A connection that the kernel tracks, as its first packet came and as answers are expected.
public struct ConntrackEntry: Sendable {
    public var original: ConntrackTuple
    public var reply: ConntrackTuple
    /// What names the entry to the kernel, as it came.
    fileprivate var name: [(kind: Int, payload: ArraySlice<UInt8>)]

    /// An entry that the kernel does not know, for decisions about entries.
    public init(original: ConntrackTuple, reply: ConntrackTuple) {
        self.original = original
        self.reply = reply
        name = []
    }

    /// Whether either direction has the address as source or destination.
    public func involves(_ address: IPAddress) -> Bool {
        original.source == address || original.destination == address || reply.source == address
            || reply.destination == address
    }
}

/// The connections that the kernel tracks in one network namespace, over ctnetlink.
public struct ConntrackSocket: ~Copyable, Sendable {
    private var socket: NetlinkSocket

    public init() throws(NetlinkError) {
        socket = try NetlinkSocket(family: NETLINK_NETFILTER)
    }

    /// Forgets every connection of the family for which `isStale` holds, and returns how many there were.
    ///
    /// The next packet of such a connection is judged as if it were the first.
    @discardableResult
    public mutating func delete(
        _ family: IPAddress.Family, where isStale: (ConntrackEntry) -> Bool
    ) throws(NetlinkError) -> Int {
        var stale: [ConntrackEntry] = []
        try socket.query(message(IPCTNL_MSG_CT_GET, family, flags: NLM_F_DUMP), "list connections") { _, payload in
            guard let entry = ConntrackEntry(payload), isStale(entry) else { return }
            stale.append(entry)
        }
        for entry in stale {
            var deletion = message(IPCTNL_MSG_CT_DELETE, family)
            for attribute in entry.name { deletion.attribute(attribute.kind, attribute.payload) }
            do throws(NetlinkError) {
                try socket.change(deletion, "forget a connection")
            } catch let error where error.isAbsence {
                continue
            }
        }
        return stale.count
    }

    private func message(
        _ kind: cntl_msg_types, _ family: IPAddress.Family, flags: Int32 = 0
    ) -> NetlinkMessage {
        var message = NetlinkMessage(Int(NFNL_SUBSYS_CTNETLINK) << 8 | Int(kind.rawValue), flags: flags)
        message.append(nfgenmsg(nfgen_family: family.number, version: UInt8(NFNETLINK_V0), res_id: 0))
        return message
    }
}

extension ConntrackEntry {
    fileprivate init?(_ payload: ArraySlice<UInt8>) {
        let attributes = NetlinkAttributes(payload.dropFirst(MemoryLayout<nfgenmsg>.size))
        guard let original = attributes.nested(Int(CTA_TUPLE_ORIG.rawValue)).flatMap(ConntrackTuple.init),
            let reply = attributes.nested(Int(CTA_TUPLE_REPLY.rawValue)).flatMap(ConntrackTuple.init)
        else { return nil }
        self.original = original
        self.reply = reply
        // The id keeps a newer connection with the same addresses and ports alive.
        let kinds = [CTA_TUPLE_ORIG, CTA_ID, CTA_ZONE].map { Int($0.rawValue) }
        name = attributes.filter { kinds.contains($0.kind) }.map { ($0.kind, $0.payload) }
    }
}

extension ConntrackTuple {
    fileprivate init?(_ attributes: NetlinkAttributes) {
        guard let addresses = attributes.nested(Int(CTA_TUPLE_IP.rawValue)),
            let ports = attributes.nested(Int(CTA_TUPLE_PROTO.rawValue)),
            let source = (addresses[Int(CTA_IP_V4_SRC.rawValue)] ?? addresses[Int(CTA_IP_V6_SRC.rawValue)])
                .flatMap(IPAddress.init(bytes:)),
            let destination = (addresses[Int(CTA_IP_V4_DST.rawValue)] ?? addresses[Int(CTA_IP_V6_DST.rawValue)])
                .flatMap(IPAddress.init(bytes:))
        else { return nil }
        func port(_ kind: ctattr_l4proto) -> UInt16 {
            UInt16(bigEndian: ports[Int(kind.rawValue)]?.number(UInt16.self) ?? 0)
        }
        self.init(
            source: source, destination: destination, transport: ports[Int(CTA_PROTO_NUM.rawValue)]?.first ?? 0,
            sourcePort: port(CTA_PROTO_SRC_PORT), destinationPort: port(CTA_PROTO_DST_PORT))
    }
}
