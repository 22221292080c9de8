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

    @Test func `unknown filters are named`() throws {
        let failure = #expect(throws: CommandFailure.self) { try ContainerFilters(["colour=red"]) }
        for filter in ["status=gone", "name=[", "name"] {
            #expect(throws: CommandFailure.self) { try ContainerFilters([filter]) }
        }
        #expect(try ContainerFilters(["status=exited"]).concernEnded)
        #expect(failure?.message?.contains("'colour=red'") == true)
    }

    @Test func `an age is turned into the moment it names`() throws {
        let moment = try #require(Timestamp(ContainerLogsCommand.moment("10m")))
        #expect((600...605).contains(Timestamp.now.seconds(since: moment)))
        #expect(ContainerLogsCommand.moment("2026-11-24T02:39:00Z") == "2026-11-24T02:39:00Z")
        #expect(ContainerLogsCommand.moment("1700000000") == "1700000000")
    }

    @Test(arguments: [("busybox", "busybox:latest"), ("a:1", "a:1"), ("localhost:5000/a", "localhost:5000/a:latest")])
    func `the tag that no tag means`(_ image: String, _ tagged: String) {
        #expect(ImageOnDemand.tagged(image) == tagged)
    }
}
