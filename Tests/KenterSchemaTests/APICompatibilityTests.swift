import Glibc
import JSONRPC
import KenterSchema
import TestSupport
import Testing

/// The frozen API level may grow, and nothing else.
@Suite struct APICompatibilityTests {
    private static let frozenDirectory = "\(BuildProducts.checkout)/docs/api"
    private static let engineFile = "level-\(EngineAPI.level).json"
    private static let pluginFile = "plugin-level-\(EngineAPI.level).json"

    private func frozen(_ name: String) throws -> JSONObject {
        let text = TextFile.read("\(Self.frozenDirectory)/\(name)")
        return try #require(try JSONScanner.scan(text.utf8, limits: JSONLimits(tokens: 2_000_000)).object)
    }

    @Test func `the present API serves every client of the frozen level`() throws {
        let breaks = APICompatibility.breaks(
            from: try frozen(Self.engineFile), to: try EngineAPI.document(version: "1"))
        #expect(breaks.isEmpty, "\(breaks.joined(separator: "; "))")
    }

    @Test func `the present contract serves every plugin of the frozen level`() throws {
        let breaks = APICompatibility.breaks(
            from: try frozen(Self.pluginFile), to: try EngineAPI.pluginDocument(version: "1"), calledBy: .engine)
        #expect(breaks.isEmpty, "\(breaks.joined(separator: "; "))")
    }

    @Test(arguments: [
        (engineFile, #""name": "engine.ping""#, #""name": "engine.pong""#, "engine.pong is gone"),
        (pluginFile, #""name": "plugin.status""#, #""name": "plugin.mood""#, "plugin.mood is gone"),
    ])
    func `a level is not frozen anew over what it promises`(
        _ file: String, _ old: String, _ new: String, _ complaint: String
    ) async throws {
        let directory = "/tmp/kenter-freeze-\(UInt32.random(in: 0...0xff_ffff))"
        for path in [directory, "\(directory)/api"] { mkdir(path, 0o700) }
        defer {
            for name in [Self.engineFile, Self.pluginFile] { unlink("\(directory)/api/\(name)") }
            for path in ["\(directory)/api", directory] { rmdir(path) }
        }
        for name in [Self.engineFile, Self.pluginFile] {
            try TextFile.write(TextFile.read("\(Self.frozenDirectory)/\(name)"), to: "\(directory)/api/\(name)")
        }
        let path = "\(directory)/api/\(file)"
        let promised = TextFile.read(path).replacing(old, with: new)
        try #require(promised != TextFile.read(path))
        try TextFile.write(promised, to: path)
        let freeze = [BuildProducts.executable("kenter-reference"), "--freeze", directory]
        let refused = try await Command.run(freeze)
        #expect(refused.exit == 1 && refused.errors.contains(complaint), "\(refused)")
        #expect(TextFile.read(path) == promised)

        // What was not promised before is added.
        let less = TextFile.read("\(Self.frozenDirectory)/\(file)").replacing(old, with: #""name": 1"#)
        try TextFile.write(less, to: path)
        let added = try await Command.run(freeze)
        #expect(added.exit == 0 && TextFile.read(path).contains(old), "\(added)")
    }

    private static let before = """
        {"methods":[{"name":"thing.make","params":[
            {"name":"name","required":true,"schema":{"type":"string"}},
            {"name":"kind","required":false,"schema":{"type":"string","enum":["a","b"]}},
            {"name":"size","required":false,"schema":{"type":"integer","x-unit":"bytes","minimum":0}},
            {"name":"part","required":false,"schema":{"$ref":"#/components/schemas/Part"}}],
            "result":{"name":"result","schema":{"$ref":"#/components/schemas/Made"}}}],
         "x-notifications":[{"name":"thing.news","sender":"engine","params":{"$ref":"#/components/schemas/Made"}},
            {"name":"thing.data","sender":"both","params":{"type":"object","properties":{"way":{"type":"string"}}}}],
         "components":{"schemas":{
            "Part":{"type":"object","required":["id"],"properties":{"id":{"type":"string"}}},
            "Made":{"type":"object","required":["id"],"properties":{"id":{"type":"string"},
                "parts":{"type":"array","items":{"$ref":"#/components/schemas/Part"}}}}}}}
        """

    private func breaks(
        _ old: String, _ new: String, calledBy caller: APICompatibility.Caller = .client
    ) throws -> [String] {
        let changed = Self.before.replacing(old, with: new)
        try #require(changed != Self.before, "\(old)")
        let objects = try [Self.before, changed].map { try #require(try JSONScanner.scan($0.utf8).object) }
        return APICompatibility.breaks(from: objects[0], to: objects[1], calledBy: caller)
    }

    @Test(arguments: [
        (#""thing.make""#, #""thing.build""#), (#""name":"name","#, #""name":"title","#),
        (#""required":false,"schema":{"type":"integer""#, #""required":true,"schema":{"type":"integer""#),
        (#"{"name":"size","#, #"{"name":"new","required":true,"schema":{"type":"string"}},{"name":"size","#),
        (#"["a","b"]"#, #"["a"]"#), (#""minimum":0"#, #""minimum":1"#),
        (#"{"type":"integer","x-unit":"bytes","minimum":0}"#, #"{"type":"string"}"#),
        (#""x-unit":"bytes""#, #""x-unit":"kibibytes""#), (#""x-unit":"bytes","#, ""),
        (#""sender":"engine""#, #""sender":"client""#), (#""sender":"engine""#, #""sender":"both""#),
        (#""way":{"type":"string"}"#, #""way":{"type":"string","enum":["in","out"]}"#),
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

    /// A plugin is asked by the engine: it reads parameters, and writes results.
    @Test(arguments: [
        (#"{"name":"name","required":true"#, #"{"name":"name","required":false"#),
        (#""name":"size""#, #""name":"bulk""#),
        (#""Made":{"type":"object","required":["id"],"#, #""Made":{"type":"object","required":["id","parts"],"#),
        (#""thing.make""#, #""thing.build""#), (#""x-unit":"bytes""#, #""x-unit":"kibibytes""#),
    ])
    func `what breaks a plugin is found`(_ old: String, _ new: String) throws {
        #expect(try !breaks(old, new, calledBy: .engine).isEmpty)
    }

    @Test(arguments: [
        (#"{"name":"size","#, #"{"name":"new","required":true,"schema":{"type":"string"}},{"name":"size","#),
        (#"{"name":"size","required":false"#, #"{"name":"size","required":true"#), (#"["a","b"]"#, #"["a","b","c"]"#),
        (#""parts":{"#, #""more":{"type":"string"},"parts":{"#),
    ])
    func `what only adds is allowed for plugins`(_ old: String, _ new: String) throws {
        #expect(try breaks(old, new, calledBy: .engine) == [])
    }
}
