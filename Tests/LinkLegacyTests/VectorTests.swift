import JSONRPC
import KenterProtocol
import TestSupport
import Testing

/// One case of Tests/Fixtures/links/vectors.jsonl.
struct Vector: Sendable, CustomTestStringConvertible {
    var json: JSONValue

    var testDescription: String { json["id"].string ?? "?" }

    static func all(of kind: String) -> [Vector] {
        TextFile.read(BuildProducts.fixture("links/vectors.jsonl")).split(separator: "\n")
            .compactMap { try? Vector(json: JSONValue(text: String($0))) }  // Counted below: none may be lost.
            .filter { $0.json["kind"].string == kind }
    }

    /// The link name `/consumer/alias`, taken apart.
    var link: (consumer: String, alias: String) {
        let parts = (json["name"].string ?? "").split(separator: "/").map(String.init)
        return parts.count == 2 ? (parts[0], parts[1]) : ("", "")
    }

    var request: ProviderLinkPlan {
        .sample(
            alias: link.alias, consumer: link.consumer, ipv4: json["ip"].string, env: json["env"].strings,
            ports: json["ports"].strings)
    }
}

struct VectorTests {
    @Test(arguments: Vector.all(of: "env"))
    func `the variables are exactly those of the vector`(vector: Vector) async throws {
        let plan = try await LinkLegacyProcess.plan(vector.request)
        #expect(plan.assignments.sorted() == vector.json["expect"].strings.sorted())
    }

    @Test(arguments: Vector.all(of: "env_contains"))
    func `the variables hold those of the vector`(vector: Vector) async throws {
        let plan = try await LinkLegacyProcess.plan(vector.request)
        #expect(Set(plan.assignments).isSuperset(of: vector.json["contains"].strings))
    }

    @Test(arguments: Vector.all(of: "hosts_link_line"))
    func `the hosts line is that of the vector`(vector: Vector) async throws {
        let json = vector.json
        let plan = try await LinkLegacyProcess.plan(
            .sample(
                alias: json["alias"].string ?? "", source: json["source_name"].string ?? "",
                hostname: json["source_hostname"].string ?? "", ipv4: json["ip"].string))
        let lines = plan.hosts.map { "\($0.address)\t\($0.names.joined(separator: " "))\n" }
        #expect(lines.joined() == json["expect"].string)
    }

    @Test func `every vector is read`() {
        #expect(Vector.all(of: "env").count == 5)
        #expect(Vector.all(of: "env_contains").count == 1)
        #expect(Vector.all(of: "hosts_link_line").count == 2)
    }
}
