import JSONRPC
@testable import KenterEngine
import KenterProtocol
import TestSupport
import Testing

/// Deadlines of requests: `_meta.timeoutMs`.
@Suite struct DeadlineTests {
    @Test func `a request that takes too long gets a timeout, and its work is cancelled`() async throws {
        try await SessionFixture.with { fixture in
            let client = try fixture.connect()
            let answer = try await client.call(
                #"{"jsonrpc":"2.0","id":1,"method":"thing.wait","params":{"_meta":{"timeoutMs":50}}}"#)
            #expect(answer["id"] == 1 && answer["error"]["code"] == 1009, "\(answer.text)")
            #expect(answer["error"]["data"]["kind"] == "timeout" && answer["error"]["data"]["retryable"] == true)
        }
    }

    @Test func `what is done in time has its result`() async throws {
        try await SessionFixture.with { fixture in
            let client = try fixture.connect()
            let answer = try await client.call(
                #"{"jsonrpc":"2.0","id":1,"method":"thing.create","params":{"_meta":{"timeoutMs":10000}}}"#)
            #expect(answer["result"]["number"] == 1)
        }
    }

    @Test func `the time left is that of calls made for the request, not of cleaning up after it`() async throws {
        try await SessionFixture.with { fixture in
            let client = try fixture.connect()
            let timed = try await client.call(
                #"{"jsonrpc":"2.0","id":1,"method":"thing.inspect","params":{"_meta":{"timeoutMs":10000}}}"#)
            let left = try #require(timed["result"]["leftMs"].integer)
            #expect((1...10_000).contains(left))
            #expect(timed["result"]["leftForCleaningMs"] == .null)
            let untimed = try await client.call(#"{"jsonrpc":"2.0","id":2,"method":"thing.inspect"}"#)
            #expect(untimed["result"]["leftMs"] == .null)
        }
    }

    @Test func `requests with a time begin in order, too, and can be cancelled`() async throws {
        try await SessionFixture.with { fixture in
            let client = try fixture.connect()
            for id in 0..<40 {
                await client.send(
                    #"{"jsonrpc":"2.0","id":\#(id),"method":"thing.wait","params":{"_meta":{"timeoutMs":60000}}}"#)
            }
            #expect(await eventually { fixture.begunRequests.count == 40 })
            #expect(fixture.begunRequests == (0..<40).map { .integer($0) })
            let answer = try await client.call(#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":7}}"#)
            #expect(answer["id"] == 7 && answer["error"]["code"] == -32800, "\(answer.text)")
        }
    }

    @Test(arguments: [
        ("timeoutMs", "0"), ("timeoutMs", "-5"), ("timeoutMs", "1.5"), ("timeoutMs", #""50""#),
        ("timeoutMs", "9007199254740991"), ("progressToken", "7"), ("progressToken", #""""#),
        ("idempotencyKey", "true"),
        ("idempotencyKey", #""\#(String(repeating: "k", count: 129))""#),
    ])
    func `a wrong wish is refused by name, before anything is done`(_ name: String, _ value: String) async throws {
        try await SessionFixture.with { fixture in
            let client = try fixture.connect()
            let answer = try await client.call(
                #"{"jsonrpc":"2.0","id":1,"method":"thing.create","params":{"_meta":{"\#(name)":\#(value)}}}"#)
            #expect(answer["error"]["code"] == -32602 && answer["error"]["data"]["path"] == .string("_meta.\(name)"))
            #expect(fixture.createdCount == 0)
        }
    }

    @Test func `wishes of a later version are passed over`() async throws {
        try await SessionFixture.with { fixture in
            let client = try fixture.connect()
            let answer = try await client.call(
                #"{"jsonrpc":"2.0","id":1,"method":"thing.create","params":{"_meta":{"unheardOf":1}}}"#)
            #expect(answer["result"]["number"] == 1)
        }
    }

    @Test func `what is left of it is all that a plugin is given`() async throws {
        try await PluginHostFixture.with("honest") { fixture in
            let free = try JSONValue(text: try await fixture.status().detail ?? "")["timeoutMs"].integer ?? 0
            #expect((10_000...20_000).contains(free))
            let bounded = try await RequestScope.run(within: .seconds(9), of: "test") {
                ["detail": .string(try await fixture.status().detail ?? "")]
            }
            let given = try JSONValue(text: bounded["detail"]?.string ?? "")["timeoutMs"].integer ?? 0
            #expect((1...9_000).contains(given))
        }
    }
}
