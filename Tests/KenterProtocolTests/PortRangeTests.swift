import KenterProtocol
import Testing

/// Ports as texts have them, read in one way by the engine, its clients and its plugins.
@Suite struct PortRangeTests {
    @Test(
        arguments: [
            ("80", 80...80), ("7000-7010", 7000...7010), ("1-65535", 1...65_535), ("0", nil), ("65536", nil),
            ("80-79", nil),
            ("-80", nil), ("80-", nil), ("+80", nil), ("80-81-82", nil), ("", nil), ("http", nil),
        ] as [(String, ClosedRange<UInt16>?)])
    func `ports are numbers or ascending ranges`(text: String, range: ClosedRange<UInt16>?) {
        #expect(PortRange.parse(text) == range)
    }

    @Test(
        arguments: [
            ("80/tcp", .tcp, 80...80), ("53/udp", .udp, 53...53), ("7000-7010", .tcp, 7000...7010),
            ("80/tcp/x", .tcp, nil),
            ("+80/tcp", .tcp, nil), ("80/http", .tcp, nil), ("/tcp", .tcp, nil),
        ] as [(String, Port.TransportProtocol, ClosedRange<UInt16>?)])
    func `a protocol may follow`(_ text: String, _ transport: Port.TransportProtocol, _ range: ClosedRange<UInt16>?) {
        let exposed = PortRange.parseExposed(text)
        #expect(exposed?.ports == range)
        if range != nil { #expect(exposed?.protocol == transport) }
    }
}
