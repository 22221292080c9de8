import JSONRPC
@testable import KenterEngine
import KenterProtocol
import KenterState
import TestSupport
import Testing

/// Events, resumed where a client left off, with gaps said and never silent.
@Suite struct EventTests {
    private func append(_ count: Int, to fixture: SessionFixture, kind: String = "container.created") throws {
        try fixture.store.write { transaction in
            for number in 0..<count { _ = try transaction.append(event: kind, id: "c\(number)", name: nil) }
        }
        fixture.journal.committed()
    }

    private func subscribe(_ client: LineClient, _ params: String = "") async throws -> JSONValue {
        try await client.call(#"{"jsonrpc":"2.0","id":1,"method":"events.subscribe","params":{\#(params)}}"#)
    }

    private func next(_ client: LineClient) async throws -> JSONValue {
        try JSONValue(text: try await client.receive() ?? "null")
    }

    @Test func `the answer comes before the first event, and says where it starts`() async throws {
        try await SessionFixture.with { fixture in
            try append(3, to: fixture)
            let client = try fixture.connect()
            let answer = try await subscribe(client)
            #expect(answer["result"]["seq"] == 3)
            try append(2, to: fixture)
            for seq in 4...5 {
                let event = try await next(client)
                #expect(event["method"] == "events.event" && event["params"]["seq"] == .integer(Int64(seq)))
                #expect(event["params"]["subscription"] == answer["result"]["subscription"])
            }
        }
    }

    @Test func `since replays what came after, and a filter lets through what it names`() async throws {
        try await SessionFixture.with { fixture in
            try append(3, to: fixture)
            try append(1, to: fixture, kind: "image.pulled")
            let client = try fixture.connect()
            _ = try await subscribe(client, #""since":1,"filter":{"kinds":["image"]}"#)
            #expect(try await next(client)["params"]["seq"] == 4)
            let other = try fixture.connect()
            _ = try await subscribe(other, #""since":1"#)
            for seq in 2...4 { #expect(try await next(other)["params"]["seq"] == .integer(Int64(seq))) }
        }
    }

    @Test(arguments: ["0", "-1", "999999", "9223372036854775807"])
    func `what the journal no longer holds, or does not yet, is refused with the gap`(_ since: String) async throws {
        try await SessionFixture.with { fixture in
            try append(10_050, to: fixture)
            let client = try fixture.connect()
            let answer = try await subscribe(client, #""since":\#(since)"#)
            #expect(answer["error"]["code"] == 1004, "\(answer.text)")
            #expect(answer["error"]["data"]["gap"]["to"].integer != nil)
            #expect(try await subscribe(client, #""since":50"#)["result"]["seq"] == 10_050)
        }
    }

    @Test func `a slow reader is told what it has missed, and misses nothing else`() async throws {
        try await SessionFixture.with { fixture in
            let client = try fixture.connect(
                limits: ConnectionLimits(lineBytes: 1 << 20, outgoingLineBytes: 1 << 20, outgoingQueueBytes: 10_000))
            _ = try await subscribe(client)
            try append(4_000, to: fixture)
            // Until the queue and the socket are full, the journal moves on.
            for _ in 0..<4 { try append(3_000, to: fixture) }
            var (last, gaps): (Int64, [(Int64, Int64)]) = (0, [])
            while last < 16_000 {
                let line = try await next(client)
                if line["method"] == "events.gap" {
                    let (from, to) = (line["params"]["from"].integer ?? 0, line["params"]["to"].integer ?? 0)
                    #expect(from == last + 1 && to >= from)
                    gaps.append((from, to))
                    last = to
                } else {
                    #expect(line["params"]["seq"].integer == last + 1)
                    last += 1
                }
            }
            #expect(!gaps.isEmpty)
        }
    }

    @Test func `after unsubscribing nothing more comes`() async throws {
        try await SessionFixture.with { fixture in
            let client = try fixture.connect()
            let name = try await subscribe(client)["result"]["subscription"].string ?? ""
            let end = #"{"jsonrpc":"2.0","id":2,"method":"events.unsubscribe","params":{"subscription":"\#(name)"}}"#
            #expect(try await client.call(end)["result"].object != nil)
            try append(3, to: fixture)
            #expect(try await client.call(#"{"jsonrpc":"2.0","id":3,"method":"engine.ping"}"#)["id"] == 3)
            #expect(try await client.call(end)["error"]["data"]["kind"] == "notFound")
        }
    }
}
