import CLinux
import Glibc

/// A rule that sends matching packets to a routing table.
public struct RoutingRule: Sendable, Hashable {
    public var family: IPAddress.Family
    /// Lower is asked first; 0 is the local table, 32766 the main one.
    public var priority: UInt32
    /// Matches packets whose mark, under the mask, has this value.
    public var mark: Mark?
    /// Matches packets that arrive on that device; `lo` means those made by this host.
    public var inputInterface: String?
    public var table: UInt32

    /// A packet mark and the bits of it that count.
    public struct Mark: Sendable, Hashable {
        public var value: UInt32
        public var mask: UInt32
        public init(value: UInt32, mask: UInt32) {
            self.value = value
            self.mask = mask
        }
    }

    public init(
        family: IPAddress.Family, priority: UInt32, mark: Mark? = nil, inputInterface: String? = nil, table: UInt32
    ) {
        self.family = family
        self.priority = priority
        self.mark = mark
        self.inputInterface = inputInterface
        self.table = table
    }
}

extension RouteSocket {
    /// Adds a rule unless there is one just like it.
    public mutating func setRule(_ rule: RoutingRule) throws(NetlinkError) {
        let type = Int(RTM_NEWRULE)
        do throws(NetlinkError) {
            try socket.change(message(rule, type, flags: NLM_F_CREATE | NLM_F_EXCL), "add the routing rule \(rule)")
        } catch let error where error.errno == EEXIST {
            return
        }
    }

    /// Deletes a rule; one that is gone already is fine.
    public mutating func deleteRule(_ rule: RoutingRule) throws(NetlinkError) {
        do throws(NetlinkError) {
            try socket.change(message(rule, Int(RTM_DELRULE)), "delete the routing rule \(rule)")
        } catch let error where error.isAbsence {
            return
        }
    }

    /// Every rule of a family.
    public mutating func rules(_ family: IPAddress.Family) throws(NetlinkError) -> [RoutingRule] {
        var message = NetlinkMessage(Int(RTM_GETRULE), flags: NLM_F_DUMP)
        var header = fib_rule_hdr()
        header.family = family.number
        message.append(header)
        var found: [RoutingRule] = []
        try socket.query(message, "list routing rules") { _, payload in
            if let rule = RoutingRule(payload, family), !found.contains(rule) { found.append(rule) }
        }
        return found
    }

    private func message(_ rule: RoutingRule, _ type: Int, flags: Int32 = 0) -> NetlinkMessage {
        var header = fib_rule_hdr()
        header.family = rule.family.number
        header.action = UInt8(FR_ACT_TO_TBL)
        header.table = rule.table < 256 ? UInt8(rule.table) : UInt8(RT_TABLE_UNSPEC.rawValue)
        var message = NetlinkMessage(type, flags: flags)
        message.append(header)
        message.attribute(Int(FRA_TABLE), number: rule.table)
        message.attribute(Int(FRA_PRIORITY), number: rule.priority)
        if let mark = rule.mark {
            message.attribute(Int(FRA_FWMARK), number: mark.value)
            message.attribute(Int(FRA_FWMASK), number: mark.mask)
        }
        if let name = rule.inputInterface { message.attribute(Int(FRA_IIFNAME), name) }
        return message
    }
}

extension RoutingRule: CustomStringConvertible {
    fileprivate init?(_ payload: ArraySlice<UInt8>, _ family: IPAddress.Family) {
        guard let header = payload.structure(fib_rule_hdr.self) else { return nil }
        let attributes = NetlinkAttributes(payload.dropFirst(MemoryLayout<fib_rule_hdr>.size))
        let value = attributes[Int(FRA_FWMARK)]?.number(UInt32.self)
        self.init(
            family: family, priority: attributes[Int(FRA_PRIORITY)]?.number(UInt32.self) ?? 0,
            mark: value.map { Mark(value: $0, mask: attributes[Int(FRA_FWMASK)]?.number(UInt32.self) ?? .max) },
            inputInterface: attributes[Int(FRA_IIFNAME)]?.text,
            table: attributes[Int(FRA_TABLE)]?.number(UInt32.self) ?? UInt32(header.table))
    }

    public var description: String { "\(priority) → table \(table)" }
}
