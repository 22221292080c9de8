import JSONRPC
import KenterEngine
import KenterProtocol
import KenterState
import TestSupport
import Testing

struct LinkSpecificationTests {
    @Test(arguments: LinkVector.all(of: "parse"))
    func `a vector parses to its name and alias, or fails with its text`(vector: LinkVector) throws {
        let text = try #require(vector.json["in"].string)
        if let expected = vector.json["error"].string {
            let error = #expect(throws: RPCError.self) { try LinkSpecification(text) }
            #expect(error?.message == expected)
            #expect(error?.kind == .invalidParams)
        } else {
            let specification = try LinkSpecification(text)
            #expect(specification.source == vector.json["name"].string)
            #expect(specification.alias == vector.json["alias"].string)
        }
    }

    @Test func `every parse vector is read`() { #expect(LinkVector.all(of: "parse").count == 6) }

    @Test(arguments: [
        ("/src", "src", "src"), ("/src:db", "src", "db"), ("src:/x", "src", "x"), ("/db:/web/db", "db", "db"),
        ("web/db:mine", "web/db", "mine"), ("/web/db:mine", "web/db", "mine"), ("src:9.a-b_c", "src", "9.a-b_c"),
    ])
    func `a leading slash is dropped, and a link's path names its source`(text: String, source: String, alias: String)
        throws
    {
        let specification = try LinkSpecification(text)
        #expect(specification.source == source)
        #expect(specification.alias == alias)
    }

    @Test func `options after a comma belong to the engine or to the provider`() throws {
        let specification = try LinkSpecification(
            "mysqldb:db,env=safe,provider=link-plain,rebind=name,allow=A*:B=C,wait=healthy,wait-timeout=1m30s")
        #expect(specification.provider == "link-plain")
        #expect(specification.rebindsByName)
        #expect(specification.wait == .healthy)
        #expect(specification.waitLimitSeconds == 90)
        #expect(specification.options == ["env": "safe", "allow": "A*:B=C"])
        #expect(try LinkSpecification("db,env=none").alias == "db")
    }

    @Test(arguments: [
        (",env=safe", "empty string specified for links"),
        ("a:b:c,env=safe", "bad format for links: a:b:c,env=safe"),
        (":x", "could not get container for : No such container: "),
        ("db:x,rebind=maybe", "invalid value \"maybe\" of the link option 'rebind': it takes 'id' or 'name'"),
        ("db:x,wait=", "invalid value \"\" of the link option 'wait': it takes 'started', 'healthy' or 'tcp'"),
        (
            "db:x,wait-timeout=0",
            "invalid value \"0\" of the link option 'wait-timeout': it takes a length of time such as 90s or 5m"
        ),
        ("db:x,env", "invalid link option \"env\" in \"db:x,env\": write it as name=value"),
        ("db:x,=1", "invalid link option \"=1\" in \"db:x,=1\": write it as name=value"),
        ("db:x,", "invalid link option \"\" in \"db:x,\": write it as name=value"),
        ("db:x,env=a,env=b", "the link option \"env\" is given twice"),
        ("web/db", "invalid link alias \"web/db\": name an alias for a link path, as in web/db:db"),
    ])
    func `a specification that says nothing sensible is refused in one sentence`(text: String, message: String) {
        let error = #expect(throws: RPCError.self) { try LinkSpecification(text) }
        #expect(error?.message == message)
        #expect(error?.kind == .invalidParams)
    }

    @Test(arguments: [
        "", "a/b", "a b", " db", "..", "-lead", "_u", "é", "a%b", "a\nb", "a\u{0}b", "a\tb", "a\u{200d}b",
        String(repeating: "x", count: 65),
    ])
    func `an alias outside the grammar is refused before anything happens`(alias: String) {
        let error = #expect(throws: RPCError.self) { try LinkSpecification("src:\(alias)") }
        #expect(error?.message.hasPrefix("invalid link alias \"") == true)
        #expect(error?.message.contains("\n") == false)
        #expect(error?.kind == .invalidParams)
    }

    @Test func `an alias of 64 characters is taken, a full id as well`() throws {
        let id = String(repeating: "5f", count: 32)
        #expect(try LinkSpecification(id).alias == id)
    }

    @Test func `one alias for two links is refused, naming who has it`() {
        let error = #expect(throws: RPCError.self) { try LinkSpecification.parse(["one:db", "two:x", "three:db"]) }
        #expect(error?.message == "link alias \"db\" is already used by one")
    }
}
