import JSONRPC
import KenterProtocol
import Testing

@testable import kenter

@Suite struct SmallArgumentsTests {
    @Test(arguments: [
        ("a=b", "a", #""b""#), ("a:=1", "a", "1"), (#"a:=["x"]"#, "a", #"["x"]"#), ("a=:=b", "a", #"":=b""#),
        ("a=", "a", #""""#),
    ])
    func `parameters of rpc`(_ text: String, _ name: String, _ json: String) throws {
        let parsed = try RpcCommand.parameter(text)
        #expect(parsed.0 == name)
        #expect(parsed.1.text == json)
    }

    @Test(arguments: ["a", "=b", "a:={", ""])
    func `what is no parameter`(_ text: String) {
        #expect(throws: CommandFailure.self) { try RpcCommand.parameter(text) }
    }

    @Test(arguments: [("web/db", "web", "db"), ("/web/db", "web", "db")])
    func `link paths`(_ text: String, _ consumer: String, _ alias: String) {
        #expect(LinkPath(text)?.consumer == consumer)
        #expect(LinkPath(text)?.alias == alias)
    }

    @Test(arguments: ["web", "/web", "web/", "/", "", "a/b/c"])
    func `what is no link path`(_ text: String) {
        #expect(LinkPath(text) == nil)
    }

    @Test(arguments: [
        ("name=web", false), ("name=mysql", true), ("name=/mysqldb", true), ("name=x", false), ("id=ab", true),
        ("id=b", false), ("name=^mysqldb$", true), ("name=^/mysqldb$", true), ("name=^mysql$", false),
        ("status=exited", true), ("status=running", false), ("exited=137", true), ("exited=1", false),
        ("ancestor=mysql", true), ("ancestor=mysql:latest", true), ("ancestor=mysql:8", false),
        ("ancestor=other", false), ("health=none", true), ("health=healthy", false),
    ])
    func `filters of ps`(_ filter: String, _ matches: Bool) throws {
        let container: JSONValue = [
            "id": "abc", "name": "mysqldb", "names": ["/mysqldb", "/web/mysql"], "image": "mysql", "state": "exited",
            "status": "Exited (137) 2 minutes ago",
        ]
        #expect(try ContainerFilters([filter]).match(container) == matches)
    }

    @Test func `a date is the beginning of that day here, and what is no time is refused with the forms`() throws {
        let day = try #require(LocalTime.seconds("2026-11-29"))
        #expect(try ContainerLogsCommand.moment("2026-11-29") == "\(day)")
        #expect(LocalTime.seconds("2026-11-29T01:00:05") == day + 3605)
        for text in ["yesterday", "2026-11", "2026-11-29x", ""] {
            let failure = #expect(throws: CommandFailure.self) { try ContainerLogsCommand.moment(text) }
            #expect(failure?.message?.contains("use an age (10m, 1h30m), a date") == true)
        }
    }

    @Test(arguments: [
        ("name=dat", true), ("name=^data$", true), ("name=x", false), ("label=a", true), ("label=a=1", true),
        ("label=a=2", false), ("label=b", false), ("driver=storage-overlay", true), ("driver=local", false),
        ("dangling=true", true), ("dangling=false", false),
    ])
    func `filters of volumes`(_ filter: String, _ matches: Bool) throws {
        let volume: JSONValue = [
            "name": "data", "provider": "storage-overlay", "labels": ["a": "1"], "usedBy": [],
        ]
        #expect(try ListFilters([filter], VolumeListCommand.filters).match(volume) == matches)
        #expect(
            try ListFilters([filter, "name=data"], VolumeListCommand.filters).match(volume)
                == (matches || filter.hasPrefix("name")))
    }

    @Test(arguments: [
        ("dangling=true", false), ("dangling=false", true), ("reference=busy*", true), ("reference=busybox:1", true),
        ("reference=box", false),
    ])
    func `filters of images`(_ filter: String, _ matches: Bool) throws {
        let image: JSONValue = ["id": "sha256:1", "references": ["busybox:1"]]
        #expect(try ListFilters([filter], ImageListCommand.filters).match(image) == matches)
    }

    @Test func `filters that lists do not know are refused with those that they do`() {
        let failure = #expect(throws: CommandFailure.self) {
            try ListFilters(["scope=local"], NetworkListCommand.filters)
        }
        #expect(
            failure?.message == "invalid filter 'scope=local': use one of name=…, label=…, driver=…, id=…")
        for filter in ["name=[", "name", "label"] {
            #expect(throws: CommandFailure.self) { try ListFilters([filter], NetworkListCommand.filters) }
        }
        #expect(throws: CommandFailure.self) { try ListFilters(["dangling=yes"], VolumeListCommand.filters) }
    }

    @Test(arguments: [
        (["event=start"], ["container.started"]), (["event=die"], ["container.exited"]),
        (["event=destroy", "type=volume"], ["volume.removed"]), (["type=link"], ["link"]), (["kind=link"], ["link"]),
        (["event=create"], ["container.created", "link.created", "network.created", "volume.created"]),
        (["event=health_status: healthy"], ["container.health"]), (["kind=plugin.tick"], ["plugin.tick"]),
    ])
    func `kinds of events in both languages`(_ filters: [String], _ kinds: [String]) throws {
        #expect(try EventFilters(filters).request?.kinds == kinds)
    }

    @Test func `what no event can be is refused`() throws {
        #expect(try EventFilters([]).request == nil)
        for filters in [
            ["event=begin"], ["kind=link.made"], ["type=daemon"], ["colour=red"], ["event=start", "type=image"],
        ] {
            #expect(throws: CommandFailure.self) { try EventFilters(filters) }
        }
    }

    @Test func `unknown filters are named`() throws {
        let failure = #expect(throws: CommandFailure.self) { try ContainerFilters(["colour=red"]) }
        for filter in ["status=gone", "name=[", "name"] {
            #expect(throws: CommandFailure.self) { try ContainerFilters([filter]) }
        }
        #expect(try ContainerFilters(["status=exited"]).concernEnded)
        #expect(failure?.message?.contains("'colour=red'") == true)
    }

    @Test func `an age is turned into the moment it names`() throws {
        let moment = try #require(Timestamp(try ContainerLogsCommand.moment("10m")))
        #expect((600...605).contains(Timestamp.now.seconds(since: moment)))
        #expect(try ContainerLogsCommand.moment("2026-11-24T02:39:00Z") == "2026-11-24T02:39:00Z")
        #expect(try ContainerLogsCommand.moment("1700000000") == "1700000000")
    }

    @Test(arguments: [("busybox", "busybox:latest"), ("a:1", "a:1"), ("localhost:5000/a", "localhost:5000/a:latest")])
    func `the tag that no tag means`(_ image: String, _ tagged: String) {
        #expect(ImageOnDemand.tagged(image) == tagged)
    }
}
