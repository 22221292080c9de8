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

    @Test(
        arguments: [
            ("80", 80...80), ("7000-7010", 7000...7010), ("1-65535", 1...65_535), ("0", nil), ("65536", nil),
            ("80-79", nil),
            ("-80", nil), ("80-", nil), ("+80", nil), ("80-81-82", nil), ("", nil), ("http", nil),
        ] as [(String, ClosedRange<UInt16>?)])
    func `ports are numbers or ascending ranges`(text: String, range: ClosedRange<UInt16>?) {
        #expect(TransportPort.range(text) == range)
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
}
