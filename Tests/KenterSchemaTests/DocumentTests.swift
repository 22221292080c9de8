import JSONRPC
import KenterSchema
import TestSupport
import Testing

@Suite struct DocumentTests {
    private let document: JSONValue

    init() throws { document = .object(try EngineAPI.document(version: "1")) }

    private var methods: [JSONValue] { document["methods"].array ?? [] }

    /// What asks for nothing that could be missing or in the way, and what leaves out whatever is: nothing of their own.
    private static let neverFailing: Set<String> = [
        "engine.info", "engine.limits", "engine.ping", "engine.shutdown", "rpc.discover", "container.list",
        "container.prune", "image.list", "image.prune", "link.graph", "network.list", "network.prune", "plugin.list",
        "volume.list", "volume.prune",
    ]

    @Test func `every method is described, has its errors and an example`() {
        for method in methods {
            let name = method["name"].string ?? ""
            #expect(method["description"].string != nil, "\(name) has no documentation comment")
            #expect(
                method["errors"].array?.isEmpty == Self.neverFailing.contains(name),
                "\(name): see 'Adding a method' in CONTRIBUTING.md")
            // The document cannot hold itself.
            if name == "rpc.discover" { continue }
            #expect(method["examples"].array?.isEmpty == false, "\(name) has no example: see CONTRIBUTING.md")
        }
        #expect(methods.count == EngineMethods.all.count)
    }

    @Test func `one name in two places: a method and its type`() {
        for type in EngineMethods.all + PluginMethods.all {
            let words = type.name.split(separator: ".").map { $0.prefix(1).uppercased() + $0.dropFirst() }
            // Where the name without an addition is that of what the method is about.
            #expect([words.joined(), words.joined() + "Request"].contains(ShapeProbe.name(of: type)), "\(type.name)")
        }
    }

    @Test func `a parameter of container create stands as its type reads it`() throws {
        let create = try #require(methods.first { $0["name"] == "container.create" })
        let image = create["params"].array?.first { $0["name"] == "image" }
        #expect(image?["required"] == true && image?["schema"]["type"] == "string")
        #expect(image?["description"].string?.contains("reference") == true)
        let timeout = create["params"].array?.first { $0["name"] == "stopTimeoutSeconds" }
        #expect(timeout?["required"] == false && timeout?["schema"]["x-unit"] == "seconds")
        let errors = create["errors"].array?.compactMap { $0["$ref"].string } ?? []
        #expect(errors.contains("#/components/errors/alreadyExists") && errors.contains("#/components/errors/notFound"))
        #expect(create["result"]["schema"]["$ref"] == "#/components/schemas/ContainerCreate.Result")
    }

    @Test func `every reference leads somewhere`() throws {
        for document in [document, .object(try EngineAPI.pluginDocument(version: "1"))] {
            for reference in Self.references(in: document) {
                var place = document
                for step in reference.dropFirst(2).split(separator: "/") { place = place[String(step)] }
                #expect(place.object != nil, "\(reference)")
            }
        }
    }

    private static func references(in value: JSONValue) -> [String] {
        switch value {
        case .object(let object):
            return (object["$ref"]?.string).map { [$0] } ?? object.members.flatMap { references(in: $0.value) }
        case .array(let elements): return elements.flatMap(references)
        default: return []
        }
    }
}
