import JSONRPC
import KenterSchema
import TestSupport
import Testing

/// The frozen API level may grow, and nothing else.
@Suite struct APICompatibilityTests {
    @Test func `the present API serves every client of the frozen level`() throws {
        let text = TextFile.read("\(BuildProducts.checkout)/docs/api/level-\(EngineAPI.level).json")
        let limits = JSONLimits(tokens: 2_000_000)
        let frozen = try #require(try JSONScanner.scan(text.utf8, limits: limits).object)
        let breaks = APICompatibility.breaks(from: frozen, to: try EngineAPI.document(version: "1"))
        #expect(breaks.isEmpty, "\(breaks.joined(separator: "; "))")
    }

    private static let before = """
        {"methods":[{"name":"thing.make","params":[
            {"name":"name","required":true,"schema":{"type":"string"}},
            {"name":"kind","required":false,"schema":{"type":"string","enum":["a","b"]}},
            {"name":"size","required":false,"schema":{"type":"integer","minimum":0}},
            {"name":"part","required":false,"schema":{"$ref":"#/components/schemas/Part"}}],
            "result":{"name":"result","schema":{"$ref":"#/components/schemas/Made"}}}],
         "x-notifications":[{"name":"thing.news","sender":"engine","params":{"$ref":"#/components/schemas/Made"}}],
         "components":{"schemas":{
            "Part":{"type":"object","required":["id"],"properties":{"id":{"type":"string"}}},
            "Made":{"type":"object","required":["id"],"properties":{"id":{"type":"string"},
                "parts":{"type":"array","items":{"$ref":"#/components/schemas/Part"}}}}}}}
        """

    private func breaks(_ old: String, _ new: String) throws -> [String] {
        let changed = Self.before.replacing(old, with: new)
        try #require(changed != Self.before, "\(old)")
        let objects = try [Self.before, changed].map { try #require(try JSONScanner.scan($0.utf8).object) }
        return APICompatibility.breaks(from: objects[0], to: objects[1])
    }

    @Test(arguments: [
        (#""thing.make""#, #""thing.build""#), (#""name":"name","#, #""name":"title","#),
        (#""required":false,"schema":{"type":"integer""#, #""required":true,"schema":{"type":"integer""#),
        (#"{"name":"size","#, #"{"name":"new","required":true,"schema":{"type":"string"}},{"name":"size","#),
        (#"["a","b"]"#, #"["a"]"#), (#""minimum":0"#, #""minimum":1"#),
        (#"{"type":"integer","minimum":0}"#, #"{"type":"string"}"#),
        (
            #""required":["id"],"properties":{"id":{"type":"string"}}"#,
            #""required":["id"],"properties":{"id":{"type":"integer"}}"#
        ),
        (#""Made":{"type":"object","required":["id"],"#, #""Made":{"type":"object","required":[],"#),
        (#""parts":{"#, #""pieces":{"#), (#""thing.news""#, #""thing.event""#),
        (#""Part":{"type":"object","required":["id"],"#, #""Part":{"type":"object","required":["id","x"],"#),
    ])
    func `what breaks a client is found`(_ old: String, _ new: String) throws {
        #expect(try !breaks(old, new).isEmpty)
    }

    @Test(arguments: [
        (
            #"[{"name":"thing.make""#,
            #"[{"name":"thing.drop","params":[],"result":{"name":"result","schema":{}}},{"name":"thing.make""#
        ),
        (#"{"name":"size","#, #"{"name":"new","required":false,"schema":{"type":"string"}},{"name":"size","#),
        (#"{"name":"name","required":true"#, #"{"name":"name","required":false"#),
        (#"["a","b"]"#, #"["a","b","c"]"#), (#""minimum":0"#, #""minimum":-1"#),
        (#""parts":{"#, #""more":{"type":"string"},"parts":{"#),
        (#""Made":{"type":"object","required":["id"],"#, #""Made":{"type":"object","required":["id","parts"],"#),
    ])
    func `what only adds is allowed`(_ old: String, _ new: String) throws {
        #expect(try breaks(old, new) == [])
    }
}
