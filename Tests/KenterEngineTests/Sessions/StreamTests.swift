import JSONRPC
@testable import KenterEngine
import KenterProtocol
import TestSupport
import Testing

/// Streams with credit, and progress.
@Suite struct StreamTests {
    private let attach = #"{"jsonrpc":"2.0","id":1,"method":"thing.attach","params":{"stream":"s"}}"#

    /// The same, not looked at until it is released.
    private let held = #"{"jsonrpc":"2.0","id":1,"method":"thing.attach","params":{"stream":"s","isHeld":true}}"#

    private func data(_ text: String, eof: Bool = false, channel: String = "stdin") -> String {
        let params: JSONValue = [
            "stream": "s", "channel": .string(channel), "data": .string(Base64(text.utf8).text), "eof": .bool(eof),
        ]
        return #"{"jsonrpc":"2.0","method":"stream.data","params":\#(params.text)}"#
    }

    /// Lines up to the answer of request 1, and that answer.
    private func receive(_ client: LineClient) async throws -> (notifications: [JSONValue], answer: JSONValue) {
        var notifications: [JSONValue] = []
        while let line = try await client.receive() {
            let value = try JSONScanner.scan(line.utf8, limits: JSONLimits(stringBytes: 4 << 20))
            if value["id"] == 1 { return (notifications, value) }
            notifications.append(value)
        }
        return (notifications, .null)
    }

    @Test func `data that follows its request at once is not lost`() async throws {
        try await SessionFixture.with { fixture in
            let client = try fixture.connect()
            await client.send([attach, data("a"), data("b"), data("c", eof: true)].joined(separator: "\n"))
            let (notifications, answer) = try await receive(client)
            #expect(answer["result"]["text"] == "abc", "\(answer.text)")
            let echoed = notifications.compactMap { $0["params"]["data"].string.flatMap { Base64(text: $0) }?.bytes }
            #expect(String(decoding: echoed.joined(), as: UTF8.self) == "abc")
        }
    }

    @Test func `names that Unicode calls equivalent are two streams`() async throws {
        try await SessionFixture.with { fixture in
            let client = try fixture.connect()
            let lines = [
                held.replacing(#""id":1"#, with: #""id":2"#).replacing(#""s""#, with: #""\u00e9""#),
                attach.replacing(#""s""#, with: #""e\u0301""#),
                data("a", eof: true).replacing(#""s""#, with: #""e\u0301""#),
            ]
            await client.send(lines.joined(separator: "\n"))
            let answer = try await receive(client).answer
            #expect(answer["result"]["text"] == "a", "\(answer.text)")
        }
    }

    @Test func `of a thousand resizes and ends one is kept`() async throws {
        try await SessionFixture.with { fixture in
            let client = try fixture.connect()
            let release = #"{"jsonrpc":"2.0","id":2,"method":"thing.release"}"#
            let resizes = (1...1000).map {
                #"{"jsonrpc":"2.0","method":"stream.resize","params":{"stream":"s","columns":\#($0),"rows":24}}"#
            }
            let ends = (1...1000).map { _ in data("", eof: true) }
            await client.send(([held] + resizes + ends + [release]).joined(separator: "\n"))
            let text = try await receive(client).answer["result"]["text"].string ?? ""
            #expect(text.hasSuffix("<1000x24>") && text.count { $0 == "<" } < 900, "\(text.prefix(200))")
        }
    }

    @Test(arguments: ["after the end", "on a channel of the engine's", "more than was granted", "no base 64"])
    func `a client that breaks the rules of a stream is disconnected`(_ deed: String) async throws {
        try await SessionFixture.with { fixture in
            let client = try fixture.connect()
            // A stream that is over has no rules any more.
            await client.send(deed == "after the end" ? held : attach)
            switch deed {
            case "after the end": await client.send([data("", eof: true), data("x")].joined(separator: "\n"))
            case "on a channel of the engine's": await client.send(data("x", channel: "stdout"))
            case "no base 64":
                await client.send(
                    #"{"jsonrpc":"2.0","method":"stream.data","params":{"stream":"s","channel":"stdin","data":"!"}}"#)
            default:
                let piece = data(String(repeating: "x", count: 100_000))
                // What is used is granted anew, but the echo of it ends with this client's credit.
                await client.send(Array(repeating: piece, count: 11).joined(separator: "\n"))
            }
            while try await client.receive() != nil {}
        }
    }

    @Test func `a stream's name is free again once its request is answered, not before`() async throws {
        try await SessionFixture.with { fixture in
            let client = try fixture.connect()
            await client.send(attach)
            let second = try await client.call(
                #"{"jsonrpc":"2.0","id":2,"method":"thing.attach","params":{"stream":"s"}}"#)
            #expect(second["id"] == 2 && second["error"]["data"]["kind"] == "conflict", "\(second.text)")
            await client.send(data("", eof: true))
            #expect(try await receive(client).answer["result"].object != nil)
            await client.send([attach, data("", eof: true)].joined(separator: "\n"))
            #expect(try await receive(client).answer["result"].object != nil)
        }
    }

    @Test func `credit comes back as input is used`() async throws {
        try await SessionFixture.with { fixture in
            let client = try fixture.connect()
            await client.send(attach)
            let piece = String(repeating: "x", count: 1000)
            var (credit, sent) = (StreamCredit.initialBytes, 0)
            while sent < 2_000_000 {
                if credit >= 1000 {
                    await client.send(data(piece))
                    (credit, sent) = (credit - 1000, sent + 1000)
                } else {
                    let line = try JSONValue(text: try #require(try await client.receive()))
                    if line["method"] == "stream.credit" { credit += Int(line["params"]["bytes"].integer ?? 0) }
                    if let data = line["params"]["data"].string.flatMap({ Base64(text: $0) }) {
                        await client.send(
                            #"{"jsonrpc":"2.0","method":"stream.credit","params":{"stream":"s","bytes":\#(data.bytes.count)}}"#
                        )
                    }
                }
            }
            await client.send(#"{"jsonrpc":"2.0","method":"stream.credit","params":{"stream":"s","bytes":9000000}}"#)
            await client.send(data("", eof: true))
            #expect(try await receive(client).answer["result"]["text"].string?.utf8.count == 2_000_000)
        }
    }

    @Test func `progress never goes back, comes ten times a second at most, and not after the answer`() async throws {
        try await SessionFixture.with { fixture in
            let client = try fixture.connect()
            await client.send(
                #"{"jsonrpc":"2.0","id":1,"method":"thing.pull","params":{"_meta":{"progressToken":"t"}}}"#)
            let (notifications, answer) = try await receive(client)
            #expect(answer["result"].object != nil)
            #expect((3...10).contains(notifications.count), "\(notifications.count)")
            #expect(notifications.allSatisfy { $0["method"] == "$/progress" && $0["params"]["token"] == "t" })
            #expect(notifications.first?["params"]["value"]["kind"] == "begin")
            #expect(notifications.last?["params"]["value"]["kind"] == "end")
            let done = notifications.compactMap { $0["params"]["value"]["done"].integer }
            #expect(done == done.sorted() && !done.isEmpty)
            fixture.lateReporter?.end("too late")
            #expect(try await client.call(#"{"jsonrpc":"2.0","id":2,"method":"engine.ping"}"#)["id"] == 2)
        }
    }

    @Test func `without a token there is no progress`() async throws {
        try await SessionFixture.with { fixture in
            let client = try fixture.connect()
            await client.send(#"{"jsonrpc":"2.0","id":1,"method":"thing.pull"}"#)
            #expect(try await receive(client).notifications.isEmpty)
        }
    }
}
