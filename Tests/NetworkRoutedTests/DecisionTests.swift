import KenterProtocol
import Netlink
import Testing

@testable import network_routed

@Suite struct `Decisions` {
    @Test func `names of host objects come from the root's id`() throws {
        let names = try #require(HostNames(instance: "ab12"))
        #expect(names.devicePrefix == "kvab12" && names.filterTable == "kenter-ab12")
        #expect(names.routeTable == 7000 + 0xab12 && names.mark == 1 << 26)
        #expect(names.device(of: "0123456789", taken: { _ in false }) == "kvab1201234567")
        let hashed = names.device(of: "web/1", taken: { _ in false })
        #expect(hashed.utf8.count == 14 && hashed.hasPrefix("kvab12"))
        #expect(names.device(of: "0123456789", taken: { $0 == "kvab1201234567" }) != "kvab1201234567")
    }

    @Test(arguments: ["", "AB12", "ab1", "ab123", "zzzz", "+123"])
    func `what is not four hexadecimal digits names no root`(text: String) {
        #expect(HostNames(instance: text) == nil)
    }

    @Test func `an element is in the table as long as anybody wants it`() throws {
        let address = try #require(IPAddress("172.17.0.2"))
        let port = Element.open(address, TransportPort(transport: .tcp, number: 80))
        var ledger = ElementLedger()
        #expect(ledger.transaction([.link("a"): [port]]) == FilterTransaction(added: [port]))
        ledger.record([.link("a"): [port]])
        #expect(ledger.transaction([.link("b"): [port]]).isEmpty)
        ledger.record([.link("b"): [port]])
        #expect(ledger.transaction([.link("a"): []]).isEmpty)
        ledger.record([.link("a"): []])
        #expect(ledger.transaction([.link("b"): [], .link("c"): [port]]).isEmpty)
        #expect(ledger.transaction([.link("b"): []]) == FilterTransaction(removed: [port]))
        ledger.record([.link("b"): []])
        #expect(ledger.elements.isEmpty)
    }

    @Test func `a transaction removes before it adds, one command for each set`() throws {
        let (old, new) = (try #require(IPAddress("172.17.0.2")), try #require(IPAddress("172.17.0.3")))
        let any = IPAddress(family: .ipv4, value: 0)
        let port = TransportPort(transport: .tcp, number: 8080)
        let transaction = FilterTransaction(
            removed: [.published(hostAddress: any, port, to: old, containerPort: 80)],
            added: [
                .published(hostAddress: any, port, to: new, containerPort: 80), .source(device: "kv1", new),
            ])
        #expect(
            transaction.script(table: "t") == """
                delete element inet t pub4any { tcp . 8080 }
                add element inet t pub4any { tcp . 8080 : 172.17.0.3 . 80 }
                add element inet t src4 { "kv1" . 172.17.0.3 }

                """)
    }

    @Test func `default subnets are Docker's, in order, without those in use`() throws {
        #expect(SubnetPool.firstFree(besides: [])?.description == "172.17.0.0/16")
        let used = try ["172.16.0.0/13", "172.24.0.5/32"].map { try #require(IPPrefix($0)) }
        #expect(SubnetPool.firstFree(besides: used)?.description == "172.25.0.0/16")
        #expect(SubnetPool.firstFree(besides: SubnetPool.subnets) == nil)
    }

    @Test(arguments: [
        // The link that was removed, its reply direction elsewhere, another port, another pair, its echo.
        ("tcp 172.17.0.2:4000 172.17.0.3:80 172.17.0.3", true), ("tcp 172.17.0.2:4000 172.17.0.3:81 172.17.0.3", false),
        ("tcp 172.17.0.3:4000 172.17.0.2:80 172.17.0.2", false),
        ("udp 172.17.0.2:4000 172.17.0.3:80 172.17.0.3", false),
        ("tcp 172.17.0.4:4000 172.17.0.3:80 172.17.0.3", false), ("icmp 172.17.0.2:0 172.17.0.3:0 172.17.0.3", true),
        // What was published on 8080 and is no longer; a connection of somebody else to the same port.
        ("tcp 203.0.113.2:4000 203.0.113.1:8080 172.17.0.5", true),
        ("tcp 203.0.113.2:4000 203.0.113.1:8080 203.0.113.1", false),
        // Datagrams to the host's own port 53, which is published now; those that were translated stay.
        ("udp 203.0.113.2:4000 203.0.113.1:53 203.0.113.1", true),
        ("udp 203.0.113.2:4000 203.0.113.1:53 172.17.0.6", false),
        // Anything of an address that was given up.
        ("tcp 172.17.0.9:4000 203.0.113.9:443 203.0.113.9", true), ("udp 203.0.113.2:1 203.0.113.1:9 172.17.0.9", true),
    ])
    func `connections are stale when a transaction closes their way`(text: String, isStale: Bool) throws {
        func address(_ text: some StringProtocol) throws -> IPAddress { try #require(IPAddress(String(text))) }
        let any = IPAddress(family: .ipv4, value: 0)
        let (web, db) = (try address("172.17.0.2"), try address("172.17.0.3"))
        let connections = StaleConnections(
            FilterTransaction(
                removed: [
                    .link(from: web, to: db, TransportPort(transport: .tcp, number: 80)), .echo(from: web, to: db),
                    .published(
                        hostAddress: any, TransportPort(transport: .tcp, number: 8080), to: try address("172.17.0.5"),
                        containerPort: 80), .source(device: "kv9", try address("172.17.0.9")),
                ],
                added: [
                    .published(
                        hostAddress: any, TransportPort(transport: .udp, number: 53), to: try address("172.17.0.6"),
                        containerPort: 53)
                ]))
        let words = text.split(separator: " ")
        let (from, to) = (words[1].split(separator: ":"), words[2].split(separator: ":"))
        let transport = words[0] == "icmp" ? 1 : try #require(Port.TransportProtocol(rawValue: String(words[0]))).number
        let original = ConntrackTuple(
            source: try address(from[0]), destination: try address(to[0]), transport: transport,
            sourcePort: try #require(UInt16(from[1])), destinationPort: try #require(UInt16(to[1])))
        let reply = ConntrackTuple(
            source: try address(words[3]), destination: original.source, transport: transport, sourcePort: 80,
            destinationPort: original.sourcePort)
        #expect(connections.contains(ConntrackEntry(original: original, reply: reply)) == isStale)
        #expect(connections.families == [.ipv4])
    }
}
