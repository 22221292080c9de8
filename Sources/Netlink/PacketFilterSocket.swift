import CLinux
import Glibc

/// A chain of the packet filter that the kernel itself calls.
public struct PacketFilterBaseChain: Sendable, Hashable {
    /// `ip`, `ip6`, `inet`; other families have no name here.
    public var family: String
    public var table: String
    public var name: String
    /// `filter`, `nat` or `route`.
    public var type: String
    /// Whether forwarded packets pass it.
    public var isForward: Bool
    /// Whether it drops what no rule of it accepts.
    public var dropsByPolicy: Bool

    public init(family: String, table: String, name: String, type: String, isForward: Bool, dropsByPolicy: Bool) {
        self.family = family
        self.table = table
        self.name = name
        self.type = type
        self.isForward = isForward
        self.dropsByPolicy = dropsByPolicy
    }
}

/// Reads the state of the packet filter (nftables) in one network namespace, without its sets' elements: the cost does
/// not grow with them.
public struct PacketFilterSocket: ~Copyable, Sendable {
    private var socket: NetlinkSocket

    /// Works in the namespace of the calling thread.
    public init() throws(NetlinkError) {
        socket = try NetlinkSocket(family: NETLINK_NETFILTER)
    }

    /// A number that every transaction of anybody increases by one.
    public mutating func generation() throws(NetlinkError) -> UInt32 {
        var number: UInt32 = 0
        let message = message(NFT_MSG_GETGEN, family: UInt8(AF_UNSPEC))
        try socket.query(message, "read the packet filter's generation") { _, payload in
            let attributes = NetlinkAttributes(payload.dropFirst(MemoryLayout<nfgenmsg>.size))
            number = UInt32(bigEndian: attributes[Int(NFTA_GEN_ID.rawValue)]?.number(UInt32.self) ?? 0)
        }
        return number
    }

    /// Every base chain of every table.
    public mutating func baseChains() throws(NetlinkError) -> [PacketFilterBaseChain] {
        var found: Set<PacketFilterBaseChain> = []
        let message = message(NFT_MSG_GETCHAIN, family: UInt8(AF_UNSPEC), flags: NLM_F_DUMP)
        try socket.query(message, "list the packet filter's chains") { _, payload in
            if let chain = PacketFilterBaseChain(payload) { found.insert(chain) }
        }
        return found.sorted { ($0.table, $0.name, $0.family) < ($1.table, $1.name, $1.family) }
    }

    /// The chains and rules of a table of the family inet, as the kernel describes them, handles included: equal as
    /// long as nobody changes one. Empty when there is no such table.
    public mutating func rules(ofTable table: String) throws(NetlinkError) -> [[UInt8]] {
        var found: [[UInt8]] = []
        for kind in [NFT_MSG_GETCHAIN, NFT_MSG_GETRULE] {
            var message = message(kind, family: inetFamily, flags: NLM_F_DUMP)
            message.attribute(Int(NFTA_RULE_TABLE.rawValue), table)
            var part: [[UInt8]] = []
            try socket.query(message, "list the rules of the table \(table)") { _, payload in
                let attributes = payload.dropFirst(MemoryLayout<nfgenmsg>.size)
                // Attribute 1 is the table in a chain as in a rule.
                guard NetlinkAttributes(attributes)[Int(NFTA_RULE_TABLE.rawValue)]?.text == table else { return }
                if !part.contains(Array(attributes)) { part.append(Array(attributes)) }
            }
            found += part
        }
        return found
    }

    private func message(_ kind: nf_tables_msg_types, family: UInt8, flags: Int32 = 0) -> NetlinkMessage {
        var message = NetlinkMessage(Int(NFNL_SUBSYS_NFTABLES) << 8 | Int(kind.rawValue), flags: flags)
        message.append(nfgenmsg(nfgen_family: family, version: UInt8(NFNETLINK_V0), res_id: 0))
        return message
    }
}

extension PacketFilterBaseChain {
    /// `nil` for a chain that only rules jump to.
    fileprivate init?(_ payload: ArraySlice<UInt8>) {
        let header = payload.structure(nfgenmsg.self)
        let attributes = NetlinkAttributes(payload.dropFirst(MemoryLayout<nfgenmsg>.size))
        guard let header, let hook = attributes.nested(Int(NFTA_CHAIN_HOOK.rawValue)) else { return nil }
        family =
            switch header.nfgen_family {
            case IPAddress.Family.ipv4.number: "ip"
            case IPAddress.Family.ipv6.number: "ip6"
            case inetFamily: "inet"
            case let other: "family \(other)"
            }
        table = attributes[Int(NFTA_CHAIN_TABLE.rawValue)]?.text ?? ""
        name = attributes[Int(NFTA_CHAIN_NAME.rawValue)]?.text ?? ""
        type = attributes[Int(NFTA_CHAIN_TYPE.rawValue)]?.text ?? ""
        func number(_ bytes: ArraySlice<UInt8>?) -> UInt32? { bytes?.number(UInt32.self).map(UInt32.init(bigEndian:)) }
        isForward = number(hook[Int(NFTA_HOOK_HOOKNUM.rawValue)]) == forwardHook
        dropsByPolicy = number(attributes[Int(NFTA_CHAIN_POLICY.rawValue)]) == 0
    }
}

/// NFPROTO_INET and NF_INET_FORWARD; their header contradicts the C library's own.
private let inetFamily: UInt8 = 1
private let forwardHook: UInt32 = 2
