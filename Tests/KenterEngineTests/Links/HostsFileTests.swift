import JSONRPC
import KenterEngine
import KenterProtocol
import TestSupport
import Testing

struct HostsFileTests {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    private func update(_ before: String, _ changes: [HostsFile.Change]) -> String {
        text(HostsFile.update(Array(before.utf8), changes))
    }
    private func change(_ old: (String, [String])?, _ new: (String, [String])?) -> HostsFile.Change {
        func entries(_ entry: (String, [String])?) -> [LinkHostsEntry] {
            entry.map { [LinkHostsEntry(address: $0.0, names: $0.1)] } ?? []
        }
        return HostsFile.Change(old: entries(old), new: entries(new))
    }

    @Test(arguments: LinkVector.all(of: "hosts_build"))
    func `a built file is that of the vector`(vector: LinkVector) {
        let built = HostsFile.build(hasIPv6: vector.json["ipv6"].bool ?? false)
        #expect(text(built) == vector.json["expect"].string)
    }

    @Test(arguments: LinkVector.all(of: "hosts_update"))
    func `an updated file is that of the vector`(vector: LinkVector) {
        let json = vector.json
        func entries(_ members: [String]) -> [LinkHostsEntry] {
            members.compactMap { json[$0].string }
                .map { LinkHostsEntry(address: $0, names: json["names"].strings) }
        }
        let change = HostsFile.Change(
            old: entries(["oldAddress4", "oldAddress6"]), new: entries(["ip4", "ip6"]))
        #expect(update(json["before"].string ?? "", [change]) == json["after"].string)
    }

    /// A quarter of an hour of lines × links, were each link's line looked for by itself.
    @Test(.timeLimit(.minutes(1))) func `many links and a full file take one pass`() {
        let lines = String(repeating: "10.0.0.1 z\n", count: 90_000)
        let changes = (0..<3000).map { change(("10.0.0.1", ["a\($0)"]), ("10.0.0.2", ["a\($0)"])) }
        let before = lines + (0..<3000).map { "10.0.0.1\ta\($0)\n" }.joined()
        let after = lines + (0..<3000).map { "10.0.0.2\ta\($0)\n" }.joined()
        #expect(update(before, changes) == after)
    }

    @Test func `of equal lines each change takes the next one`() {
        let same = change(("1.1.1.1", ["a"]), ("2.2.2.2", ["a"]))
        let none = change(("1.1.1.1", ["a"]), nil)
        #expect(update("1.1.1.1 a\n1.1.1.1 a\n1.1.1.1 a\n", [same, none]) == "2.2.2.2\ta\n1.1.1.1 a\n")
    }

    @Test func `every hosts vector is read`() {
        #expect(LinkVector.all(of: "hosts_build").count == 1)
        #expect(LinkVector.all(of: "hosts_update").count == 3)
    }

    @Test func `lines come in the order loopback, --add-host, links, own`() {
        let built = HostsFile.build(
            hasIPv6: false, extra: [.init(address: "10.1.2.3", names: ["extra"])],
            links: [.init(address: "172.17.0.2", names: ["mysql", "6e5cdeb2d300", "mysqldb"])],
            own: HostsFile.ownEntries(.init(ipv4: "172.17.0.3"), hostname: "126f3354b725"))
        #expect(
            text(built) == """
                127.0.0.1\tlocalhost
                10.1.2.3\textra
                172.17.0.2\tmysql 6e5cdeb2d300 mysqldb
                172.17.0.3\t126f3354b725

                """)
    }

    @Test func `a hostname of several labels is known by its first, too`() {
        #expect(
            HostsFile.ownEntries(.init(ipv4: "172.17.0.4", ipv6: "fd00::4"), hostname: "fq.example.com") == [
                LinkHostsEntry(address: "172.17.0.4", names: ["fq.example.com", "fq"]),
                LinkHostsEntry(address: "fd00::4", names: ["fq.example.com", "fq"]),
            ])
    }

    @Test func `only the link's own line changes, however others look`() {
        let before = """
            # db moved
            10.9.9.9\tdb
            172.17.0.2\tdb abc src extra
            172.17.0.2 \t db  abc src
            172.17.0.2\tdb abc src # mine
            172.17.0.22\tdb abc src

            """
        let after = before.replacing("172.17.0.2 \t db  abc src\n", with: "172.17.0.9\tdb abc src\n")
        #expect(
            update(before, [change(("172.17.0.2", ["db", "abc", "src"]), ("172.17.0.9", ["db", "abc", "src"]))])
                == after)
    }

    @Test func `a name of the source changes at the same address`() {
        #expect(
            update(
                "1.1.1.1\ta\n172.17.0.2\tdb abc old\n2.2.2.2\tb\n",
                [change(("172.17.0.2", ["db", "abc", "old"]), ("172.17.0.2", ["db", "abc", "new"]))])
                == "1.1.1.1\ta\n172.17.0.2\tdb abc new\n2.2.2.2\tb\n")
    }

    @Test func `two links that swap addresses keep their own lines`() {
        #expect(
            update(
                "1.1.1.1\ta x\n2.2.2.2\tb y\n",
                [
                    change(("1.1.1.1", ["a", "x"]), ("2.2.2.2", ["a", "x"])),
                    change(("2.2.2.2", ["b", "y"]), ("1.1.1.1", ["b", "y"])),
                ]) == "2.2.2.2\ta x\n1.1.1.1\tb y\n")
    }

    @Test func `a removed link takes its line along, and nothing else`() {
        #expect(
            update("1.1.1.1\ta\n172.17.0.2\tdb abc\n2.2.2.2\tb\n", [change(("172.17.0.2", ["db", "abc"]), nil)])
                == "1.1.1.1\ta\n2.2.2.2\tb\n")
        #expect(update("172.17.0.2\tdb abc\n", [change(("172.17.0.2", ["db", "abc"]), nil)]) == "")
    }

    @Test func `a line that is not there is added at the end`() {
        #expect(update("1.1.1.1\ta", [change(nil, ("2.2.2.2", ["db"]))]) == "1.1.1.1\ta\n2.2.2.2\tdb\n")
        #expect(
            update("1.1.1.1\ta\n", [change(("9.9.9.9", ["db"]), ("2.2.2.2", ["db"]))]) == "1.1.1.1\ta\n2.2.2.2\tdb\n")
        #expect(update("", [change(nil, ("2.2.2.2", ["db"]))]) == "2.2.2.2\tdb\n")
    }

    @Test(arguments: ["", "\n", "a", "a\n\n\n", "\n\na\n", "x\ty\r\nz\n"])
    func `a file without anything to change keeps every byte`(before: String) {
        #expect(update(before, [change(("1.1.1.1", ["a"]), ("1.1.1.1", ["a"]))]) == before)
        #expect(update(before, [change(("1.1.1.1", ["a"]), nil)]) == before)
    }

    @Test func `families change on their own`() {
        let old = [
            LinkHostsEntry(address: "172.17.0.2", names: ["db"]), LinkHostsEntry(address: "fd00::2", names: ["db"]),
        ]
        let new = [LinkHostsEntry(address: "172.17.0.2", names: ["db"])]
        #expect(
            update("172.17.0.2\tdb\nfd00::2\tdb\n", [HostsFile.Change(old: old, new: new)]) == "172.17.0.2\tdb\n")
    }

    @Test func `bytes that are no text stay as they are`() {
        let before: [UInt8] = [0xff, 0xfe, 0x0a] + Array("1.1.1.1\ta\n".utf8) + [0x00, 0x80]
        let after: [UInt8] = [0xff, 0xfe, 0x0a] + Array("2.2.2.2\ta\n".utf8) + [0x00, 0x80]
        #expect(HostsFile.update(before, [change(("1.1.1.1", ["a"]), ("2.2.2.2", ["a"]))]) == after)
    }
}

struct ExtraHostTests {
    @Test(arguments: [
        ("extra:10.1.2.3", "10.1.2.3", "extra"), ("v6:::1", "::1", "v6"), ("gw:host-gateway", "172.17.0.1", "gw"),
        ("a.b-c_d.example:FE80::1", "fe80::1", "a.b-c_d.example"),
    ])
    func `an added host is a line`(text: String, address: String, name: String) throws {
        #expect(
            try HostsFile.extraEntry(text, gateway: "172.17.0.1") == LinkHostsEntry(address: address, names: [name]))
    }

    @Test(arguments: [
        ("bad", "bad format for add-host: \"bad\""), (":1.2.3.4", "bad format for add-host: \":1.2.3.4\""),
        ("a b:1.2.3.4", "bad format for add-host: \"a b:1.2.3.4\""),
        ("a\n6.6.6.6:1.2.3.4", "bad format for add-host: \"a\\u{a}6.6.6.6:1.2.3.4\""),
        ("h:notip", "invalid IP address in add-host: \"notip\""), ("h:", "invalid IP address in add-host: \"\""),
        ("h:1.2.3.4 x", "invalid IP address in add-host: \"1.2.3.4 x\""),
        ("h:010.1.2.3", "invalid IP address in add-host: \"010.1.2.3\""),
    ])
    func `an added host that is none is refused with Docker's text`(text: String, message: String) {
        let error = #expect(throws: RPCError.self) { try HostsFile.extraEntry(text) }
        #expect(error?.message == message)
        #expect(error?.kind == .invalidParams)
    }

    @Test func `a line that a crash left in place is not added again`() {
        let change = HostsFile.Change(
            old: [LinkHostsEntry(address: "1.1.1.1", names: ["db"])],
            new: [LinkHostsEntry(address: "2.2.2.2", names: ["db"])])
        let text = Array("2.2.2.2\tdb\n".utf8)
        #expect(HostsFile.update(text, [change]) == text)
    }
}
