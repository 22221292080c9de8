/// The text of this root's table: every rule is there from the start, all that changes later are elements.
struct Ruleset: Sendable {
    let names: HostNames

    /// One transaction that replaces the table, whatever was there, by one with these elements.
    func installation(_ elements: some Collection<Element>) -> String {
        let bySet = Dictionary(grouping: elements, by: \.set)
        let sets = Self.sets.map { name, kind, type in
            let members = (bySet[name] ?? []).map(\.text).sorted().joined(separator: ", ")
            return "  \(kind) \(name) { type \(type); \(members.isEmpty ? "" : "elements = { \(members) };") }\n"
        }
        return removal + "table inet \(names.filterTable) {\n\(sets.joined())\(chains)}\n"
    }

    /// One transaction after which there is no table; adding it first makes its deletion succeed.
    var removal: String {
        "add table inet \(names.filterTable)\ndelete table inet \(names.filterTable)\n"
    }

    /// Name, `set` or `map`, and type. Sets of links have no intervals: they are hash tables, whatever their size.
    private static let sets: [(name: String, kind: String, type: String)] = [
        // Which device may use which source address; a device that is missing here passes nothing.
        ("src4", "set", "ifname . ipv4_addr"), ("src6", "set", "ifname . ipv6_addr"),
        // Consumer, source, protocol and port of a connection's first packet; echo for the same pairs.
        ("link4", "set", "ipv4_addr . ipv4_addr . inet_proto . inet_service"),
        ("link6", "set", "ipv6_addr . ipv6_addr . inet_proto . inet_service"),
        ("echo4", "set", "ipv4_addr . ipv4_addr"), ("echo6", "set", "ipv6_addr . ipv6_addr"),
        // From the host's side to a container, and the mirror of it that each packet is checked against.
        ("pub4any", "map", "inet_proto . inet_service : ipv4_addr . inet_service"),
        ("pub4", "map", "ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service"),
        ("pub6any", "map", "inet_proto . inet_service : ipv6_addr . inet_service"),
        ("pub6", "map", "ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service"),
        ("open4", "set", "ipv4_addr . inet_proto . inet_service"),
        ("open6", "set", "ipv6_addr . inet_proto . inet_service"),
        // A container that comes back to itself through a published port.
        ("self4", "set", "ipv4_addr . ipv4_addr"), ("self6", "set", "ipv6_addr . ipv6_addr"),
        ("nets4", "set", "ipv4_addr; flags interval"), ("nets6", "set", "ipv6_addr; flags interval"),
        // Networks whose members all reach each other, and devices that reach no other network.
        ("icc4", "set", "ipv4_addr . ipv4_addr; flags interval"),
        ("icc6", "set", "ipv6_addr . ipv6_addr; flags interval"),
        ("internal", "set", "ifname"),
        // Services of the host, open by choice.
        ("hostopen", "set", "ifname . inet_proto . inet_service"),
    ]

    /// Rules are judged by the connection's first packet, for every packet in both directions: taking an element away
    /// closes live connections too.
    private var chains: String {
        let devices = "\"\(names.devicePattern)\""
        let mark = "meta mark set meta mark or 0x\(String(names.mark, radix: 16))"
        return """
              chain spoof {
                type filter hook prerouting priority -310; policy accept;
                iifname != \(devices) jump foreign
                iifname \(devices) jump guard
              }
              chain foreign {
                iif != "lo" ip saddr @nets4 drop
                iif != "lo" ip6 saddr @nets6 drop
              }
              chain guard {
                ip daddr 127.0.0.0/8 drop
                ip daddr { 255.255.255.255, 224.0.0.0/4 } drop
                iifname . ip saddr @src4 accept
                meta nfproto ipv4 drop
                ip6 saddr fe80::/10 icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept
                ip6 saddr fe80::/10 drop
                ip6 nexthdr icmpv6 icmpv6 type { nd-router-advert, nd-redirect, nd-router-solicit } drop
                iifname . ip6 saddr @src6 accept
                drop
              }
              chain pre {
                type nat hook prerouting priority -100; policy accept;
                fib daddr type local jump publish
              }
              chain out {
                type nat hook output priority -100; policy accept;
                fib daddr type local jump publish
              }
              chain publish {
                ip6 daddr ::1 return
                dnat ip to ip daddr . meta l4proto . th dport map @pub4
                dnat ip to meta l4proto . th dport map @pub4any
                dnat ip6 to ip6 daddr . meta l4proto . th dport map @pub6
                dnat ip6 to meta l4proto . th dport map @pub6any
              }
              chain post {
                type nat hook postrouting priority 100; policy accept;
                ip saddr . ip daddr @self4 ct status dnat masquerade
                ip6 saddr . ip6 daddr @self6 ct status dnat masquerade
                ip saddr 127.0.0.0/8 oifname \(devices) masquerade
                ip saddr @nets4 oifname != \(devices) masquerade
                ip6 saddr @nets6 oifname != \(devices) masquerade
              }
              chain alive {
                type filter hook prerouting priority -90; policy accept;
                iifname \(devices) \(mark)
                ip daddr @nets4 \(mark)
                ip6 daddr @nets6 \(mark)
              }
              chain forward {
                type filter hook forward priority -10; policy accept;
                iifname @internal ct status dnat ct direction original jump refuse
                oifname \(devices) jump into
                iifname @internal drop
                iifname \(devices) accept
              }
              chain into {
                ct state invalid drop
                ct direction original ip saddr . ip daddr . meta l4proto . th dport @link4 accept
                ct direction original ip6 saddr . ip6 daddr . meta l4proto . th dport @link6 accept
                ct direction reply ct state established ip daddr . ip saddr . meta l4proto . th sport @link4 accept
                ct direction reply ct state established ip6 daddr . ip6 saddr . meta l4proto . th sport @link6 accept
                ct status dnat ct direction original ip daddr . meta l4proto . th dport @open4 accept
                ct status dnat ct direction original ip6 daddr . meta l4proto . th dport @open6 accept
                ct direction reply ct state established ct status dnat ip saddr . meta l4proto . th sport @open4 accept
                ct direction reply ct state established ct status dnat ip6 saddr . meta l4proto . th sport @open6 accept
                icmp type echo-request ip saddr . ip daddr @echo4 accept
                icmpv6 type echo-request ip6 saddr . ip6 daddr @echo6 accept
                icmp type echo-reply ct direction reply ct state established ip daddr . ip saddr @echo4 accept
                icmpv6 type echo-reply ct direction reply ct state established ip6 daddr . ip6 saddr @echo6 accept
                ct state related accept
                iifname != \(devices) ct state established,related ct direction reply accept
                ip saddr . ip daddr @icc4 accept
                ip6 saddr . ip6 daddr @icc6 accept
                iifname \(devices) jump refuse
                drop
              }
              chain refuse {
                meta l4proto tcp reject with tcp reset
                reject with icmpx admin-prohibited
              }
              chain input {
                type filter hook input priority -10; policy accept;
                iifname \(devices) jump fromcontainer
              }
              chain fromcontainer {
                ct state established,related ct direction reply accept
                icmp type echo-request accept
                icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, echo-request } accept
                iifname . meta l4proto . th dport @hostopen accept
                jump refuse
              }

            """
    }
}
