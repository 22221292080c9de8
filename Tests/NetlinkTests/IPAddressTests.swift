import Netlink
import Testing

@Suite struct `Addresses and prefixes` {
    @Test(arguments: [
        ("172.17.0.2", "172.17.0.2"), ("::1", "::1"), ("FD00:0:0:0:0:0:0:1", "fd00::1"),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.1"),
    ])
    func `an address is printed in its canonical text`(text: String, canonical: String) {
        #expect(IPAddress(text)?.description == canonical)
    }

    @Test(arguments: ["", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4 ", "fe80::1%eth0", "1.2.3.4\0", "::1::", "0x7f.1"])
    func `what is not an address is refused`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(arguments: [
        "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08", "10.0.0.0", "/8", "10.0.0.0/8/8", "::/129",
    ])
    func `what is not a prefix is refused`(text: String) {
        #expect(IPPrefix(text) == nil)
    }

    @Test func `a prefix knows its network and its addresses`() throws {
        let prefix = try #require(IPPrefix("172.17.5.6/16"))
        #expect(prefix.network.description == "172.17.0.0/16")
        #expect(prefix.address(at: 1)?.description == "172.17.0.1")
        #expect(prefix.last.description == "172.17.255.255")
        #expect(prefix.address(at: 65_536) == nil)
        let everything = try #require(IPPrefix("::/0"))
        #expect(everything.last.description == "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.1.0.0/16", true), ("10.1.0.0/16", "10.0.0.0/8", true), ("10.1.0.0/16", "10.2.0.0/16", false),
        ("0.0.0.0/0", "10.0.0.0/8", true), ("fd00::/64", "10.0.0.0/8", false), ("fd00::/64", "fd00::1/128", true),
    ])
    func `prefixes overlap when one holds the other`(one: String, other: String, overlap: Bool) throws {
        #expect(try #require(IPPrefix(one)).overlaps(try #require(IPPrefix(other))) == overlap)
    }

    @Test(arguments: [
        ("02:42:ac:11:00:02", true), ("01:00:5e:00:00:01", false), ("00:00:00:00:00:00", false),
        ("2:42:ac:11:0:2", false), ("02:42:ac:11:00", false), ("+2:42:ac:11:00:02", false),
    ])
    func `only addresses of one Ethernet device are accepted`(text: String, accepted: Bool) {
        #expect((HardwareAddress.octets(text) != nil) == accepted)
    }
}
