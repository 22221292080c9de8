import JSONRPC
@testable import KenterEngine
import KenterProtocol
import KenterState
import TestSupport
import Testing

/// Repeats of requests: `_meta.idempotencyKey`, what it is scoped to, and what is never stored.
@Suite struct RepeatedRequestTests {
    private func create(_ params: String = "", key: String = "k", id: Int = 1) -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"thing.create","params":{\#(params)"_meta":{"idempotencyKey":"\#(key)"}}}"#
    }

    @Test func `a repeat gets the stored result, on another connection too`() async throws {
        try await SessionFixture.with { fixture in
            let first = try await fixture.connect().call(create(#""name":"a","env":["A=1"],"#))
            let again = try await fixture.connect().call(create(#""env":["A=1"],"name":"a","#, id: 2))
            #expect(first["result"]["number"] == 1 && again["result"]["number"] == 1 && again["id"] == 2)
            #expect(fixture.createdCount == 1)
        }
    }

    @Test func `a repeat that comes while the first is under way waits for it`() async throws {
        try await SessionFixture.with { fixture in
            let client = try fixture.connect()
            await client.send((1...20).map { create(id: $0) }.joined(separator: "\n"))
            for _ in 1...20 { #expect(try JSONValue(text: try await client.receive() ?? "")["result"]["number"] == 1) }
            #expect(fixture.createdCount == 1)
        }
    }

    @Test func `another key, other parameters, another user or none at all is another request`() async throws {
        try await SessionFixture.with { fixture in
            let client = try fixture.connect()
            _ = try await client.call(create())
            #expect(try await client.call(create(key: "other"))["result"]["number"] == 2)
            #expect(try await client.call(create(#""name":"b","#))["result"]["number"] == 3)
            #expect(try await fixture.connect(uid: 1000).call(create())["result"]["number"] == 4)
            #expect(
                try await client.call(#"{"jsonrpc":"2.0","id":1,"method":"thing.create"}"#)["result"]["number"] == 5)
            #expect(try await client.call(create())["result"]["number"] == 1)
        }
    }

    @Test func `a refusal is not kept`() async throws {
        try await SessionFixture.with { fixture in
            let client = try fixture.connect()
            for count in 1...2 {
                #expect(try await client.call(create(#""name":"bad","#))["error"]["data"]["kind"] == "conflict")
                #expect(fixture.createdCount == count)
            }
        }
    }

    @Test func `results outlive the engine, and nothing of the parameters is stored`() async throws {
        try await SessionFixture.with { fixture in
            _ = try await fixture.connect().call(create(#""env":["PASSWORD=verysecret"],"#, key: "secretkey"))
            let kept = try StateStore(path: "\(fixture.directory)/state.db")
            let repeated = RepeatedRequests(store: kept)
            let request = Request(id: .integer(9), method: "thing.create", params: ["env": ["PASSWORD=verysecret"]])
            let result = try await repeated.answer(request, key: "secretkey", uid: 0) { ["number": 99] }
            #expect(result == ["number": 1])
            let found = try await Command.run(["grep", "-rlaE", "verysecret|secretkey|PASSWORD", fixture.directory])
            #expect(found.exit == 1, "\(found)")
        }
    }

    @Test func `what a link gives its consumer is not stored`() async throws {
        try await SessionFixture.with { fixture in
            let repeated = RepeatedRequests(store: fixture.store)
            let request = Request(id: .integer(9), method: "link.create", params: ["consumer": "web"])
            let link = Link(
                id: "l1", consumer: "web", alias: "db", source: "mysqldb", provider: "link-legacy", state: .active,
                env: [LinkVariable(name: "DB_PASSWORD", value: "verysecret")],
                files: [LinkFile(path: "password", mode: "0444", content: "verysecret")])
            let full = try JSONValueEncoder().encodeObject(link)
            let first = try await repeated.answer(request, key: "k", uid: 0) { full }
            #expect(first == full)
            let again = try await repeated.answer(request, key: "k", uid: 0) { ["id": "another"] }
            #expect(again["id"] == "l1" && again["env"] == [] && again["files"] == [], "\(again)")
            let found = try await Command.run(["grep", "-rlaE", "verysecret", fixture.directory])
            #expect(found.exit == 1, "\(found)")
        }
    }

    @Test func `a method that passes on what goes on keeps nothing, one that only asks needs not`() async throws {
        try await SessionFixture.with { fixture in
            let client = try fixture.connect()
            let meta = #""_meta":{"idempotencyKey":"k"}"#
            let attach = try await client.call(
                #"{"jsonrpc":"2.0","id":1,"method":"thing.attach","params":{"stream":"s",\#(meta)}}"#)
            #expect(attach["error"]["data"]["path"] == "_meta.idempotencyKey", "\(attach.text)")
            let inspect = try await client.call(
                #"{"jsonrpc":"2.0","id":2,"method":"thing.inspect","params":{\#(meta)}}"#)
            #expect(inspect["result"].object != nil)
        }
    }
}
