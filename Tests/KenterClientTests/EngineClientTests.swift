import JSONRPC
import KenterClient
import KenterProtocol
import Synchronization
import TestSupport
import Testing

@Suite struct EngineClientTests {
    private func connect(_ engine: FakeEngine) async throws -> EngineClient {
        try await EngineClient.connect(to: .unix(path: engine.socket))
    }

    @Test func `a typed call sends its members and reads its result`() async throws {
        let answer: FakeEngine.Answer = { _, _ in ["id": "abc", "name": "web", "warnings": []] }
        try await FakeEngine.with(["container.create": answer]) { engine in
            let client = try await connect(engine)
            let result = try await client.call(ContainerCreate(image: "busybox", name: "web", links: ["db"]))
            #expect(result.id == "abc")
            #expect(engine.params(of: "container.create") == ["image": "busybox", "name": "web", "links": ["db"]])
        }
    }

    @Test func `the engine's error arrives with its kind`() async throws {
        let answer: FakeEngine.Answer = { _, _ in throw RPCError(.notFound, "No such container: x") }
        try await FakeEngine.with(["container.inspect": answer]) { engine in
            let client = try await connect(engine)
            let error = await #expect(throws: RPCError.self) {
                _ = try await client.call(ContainerInspect(container: "x"))
            }
            #expect(error?.kind == .notFound)
            #expect(error?.message == "No such container: x")
        }
    }

    @Test func `an answer of another shape is an error that names the method`() async throws {
        try await FakeEngine.with(["volume.create": { _, _ in ["nom": "x"] }]) { engine in
            let client = try await connect(engine)
            let error = await #expect(throws: RPCError.self) { _ = try await client.call(VolumeCreate(name: "x")) }
            #expect(error?.message.contains("volume.create") == true)
        }
    }

    @Test func `a timeout goes with the request`() async throws {
        try await FakeEngine.with(["engine.ping": { _, _ in [:] }]) { engine in
            let client = try await connect(engine)
            _ = try await client.call(EnginePing(), timeout: .seconds(3))
            #expect(engine.requests.first?.meta["timeoutMs"] == 3000)
        }
    }

    @Test func `progress reaches the callback before the call returns`() async throws {
        let answer: FakeEngine.Answer = { request, connection in
            for done in 1...3 {
                let value: JSONObject = ["kind": "report", "done": .integer(Int64(done)), "total": 3]
                connection.notify(
                    "$/progress", ["token": request.meta["progressToken"] ?? .null, "value": .object(value)])
            }
            return ["images": []]
        }
        try await FakeEngine.with(["image.pull": answer]) { engine in
            let client = try await connect(engine)
            let seen = Mutex<[Int]>([])
            _ = try await client.call(ImagePull(references: ["x"])) { value in
                seen.withLock { $0.append(value.done ?? 0) }
            }
            #expect(seen.withLock { $0 } == [1, 2, 3])
        }
    }

    @Test func `events that overtake the answer to their subscription are delivered`() async throws {
        let answer: FakeEngine.Answer = { _, connection in
            for seq in 1...3 {
                connection.notify(
                    "events.event",
                    [
                        "subscription": "e1", "seq": .integer(Int64(seq)), "time": "2026-01-01T00:00:00Z",
                        "kind": "container.started", "id": "abc", "attributes": [:],
                    ])
            }
            connection.notify("events.gap", ["subscription": "e1", "from": 4, "to": 9])
            return ["subscription": "e1", "seq": 0]
        }
        try await FakeEngine.with(["events.subscribe": answer]) { engine in
            let client = try await connect(engine)
            let subscription = try await client.subscribe()
            var sequences: [Int64] = []
            loop: for await event in subscription {
                switch event {
                case .event(let event): sequences.append(event.seq)
                case .gap(let gap):
                    sequences.append(gap.to)
                    break loop
                }
            }
            #expect(sequences == [1, 2, 3, 9])
        }
    }

    @Test func `an engine that goes away fails the calls under way`() async throws {
        let answer: FakeEngine.Answer = { _, connection in
            connection.close()
            return [:]
        }
        try await FakeEngine.with(["engine.ping": answer]) { engine in
            let client = try await connect(engine)
            let error = await #expect(throws: RPCError.self) { _ = try await client.call(EnginePing()) }
            #expect(error?.kind == .unavailable)
        }
    }
}
