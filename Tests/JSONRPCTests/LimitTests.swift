@testable import JSONRPC
import TestSupport
import Testing

/// What happens over each limit.
@Suite struct LimitTests {
    private func ping(_ id: JSONValue) -> String { #"{"jsonrpc":"2.0","id":\#(id.text),"method":"echo"}"# }

    @Test func `an overlong line is dropped to its end and the next one answered`() async throws {
        let limits = ConnectionLimits(lineBytes: 1000, outgoingLineBytes: 1000)
        let pair = try ConnectionPair(limits: limits, handler: TestHandler())
        await pair.send(String(repeating: "{", count: 100_000), ping(1))
        #expect(try await pair.receive()?["error"]["code"] == -32010)
        #expect(try await pair.receive()?["id"] == 1)
    }

    @Test func `a result over the limit becomes an error, it is never cut`() async throws {
        let limits = ConnectionLimits(lineBytes: 1000, outgoingLineBytes: 1000)
        let pair = try ConnectionPair(limits: limits, handler: TestHandler())
        await pair.send(#"{"jsonrpc":"2.0","id":1,"method":"large","params":{"bytes":1000}}"#)
        let answer = try await pair.receive()
        #expect(answer?["id"] == 1 && answer?["error"]["data"]["kind"] == "messageTooLarge")
        await pair.send(#"{"jsonrpc":"2.0","id":2,"method":"large","params":{"bytes":900}}"#)
        #expect(try await pair.receive()?["result"]["text"].string?.count == 900)
    }

    @Test func `the answers of a batch keep the limit together, and each is there`() async throws {
        let limits = ConnectionLimits(lineBytes: 4000, outgoingLineBytes: 2000)
        let pair = try ConnectionPair(limits: limits, handler: TestHandler())
        let items = (1...4).map { #"{"jsonrpc":"2.0","id":\#($0),"method":"large","params":{"bytes":700}}"# }
        await pair.send("[\(items.joined(separator: ","))]")
        let line = try #require(try await pair.receive())
        #expect(line.text.utf8.count <= 2000)
        #expect(Set((line.array ?? []).compactMap { $0["id"].integer }) == [1, 2, 3, 4])
        #expect(line.array?.contains { $0["result"].object != nil } == true)
        #expect(line.array?.contains { $0["error"]["data"]["kind"] == "messageTooLarge" } == true)
    }

    @Test(arguments: [
        String(repeating: "[", count: 65) + String(repeating: "]", count: 65),
        "[" + String(repeating: "0,", count: 200_000) + "0]",
        "{\"a\":\"" + String(repeating: "x", count: 256 << 10) + "x\"}",
        "[" + String(repeating: "1", count: 65) + "]",
    ])
    func `what is too deep or too much is refused as such`(_ line: String) async throws {
        let pair = try ConnectionPair(handler: TestHandler())
        await pair.send(line, ping(1))
        let answer = try await pair.receive()
        #expect(
            answer?["error"]["code"] == -32011 && answer?["error"]["data"]["kind"] == "tooDeep", "\(answer?.text ?? "")"
        )
        #expect(try await pair.receive()?["id"] == 1)
    }

    /// What is as large as it may be, and the same with one more.
    struct Boundary: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var kind: String
        /// A line with so much of it.
        var line: @Sendable (_ count: Int) -> String
        var most: Int

        private init(_ name: String, _ most: Int, _ kind: String, _ line: @escaping @Sendable (Int) -> String) {
            (testDescription, self.kind, self.line, self.most) = ("\(most) \(name)", kind, line, most)
        }

        /// A request whose answer is short.
        private static func request(_ value: String, id: String = "1") -> String {
            #"{"jsonrpc":"2.0","id":\#(id),"method":"sum","params":{"a":\#(value)}}"#
        }

        static let all: [Boundary] = [
            // Those of the request, and those of its parameters.
            Boundary("nested arrays and objects", 64, "tooDeep") {
                request(String(repeating: "[", count: $0 - 2) + String(repeating: "]", count: $0 - 2))
            },
            // Ten of the request, the array itself, its elements.
            Boundary("values and names", 200_000, "tooDeep") {
                request("[" + String(repeating: "0,", count: $0 - 12) + "0]")
            },
            Boundary("bytes of a string", 256 << 10, "tooDeep") { request("\"\(String(repeating: "x", count: $0))\"") },
            Boundary("bytes of a string with escapes", 256 << 10, "tooDeep") {
                request("\"\(String(repeating: #"\n"#, count: $0 / 2))\(String(repeating: "x", count: $0 % 2))\"")
            },
            Boundary("bytes of a number", 64, "tooDeep") { request("1" + String(repeating: "0", count: $0 - 1)) },
            Boundary("bytes of a fraction", 64, "tooDeep") { request("0." + String(repeating: "1", count: $0 - 2)) },
            Boundary("bytes of a line", 1 << 20, "messageTooLarge") {
                let bare = request("0")
                return bare.dropLast() + String(repeating: " ", count: $0 - bare.utf8.count) + "}"
            },
            Boundary("bytes of a line that ends with CR LF", 1 << 20, "messageTooLarge") {
                let bare = request("0")
                return bare + String(repeating: " ", count: $0 - bare.utf8.count) + "\r"
            },
            Boundary("messages of a batch", 64, "batchTooLarge") { count in
                "[\((1...count).map { request("0", id: "\($0)") }.joined(separator: ","))]"
            },
            Boundary("bytes of an id", 128, "invalidRequest") {
                request("0", id: "\"\(String(repeating: "i", count: $0))\"")
            },
            Boundary("bytes of an id of other letters", 128, "invalidRequest") {
                request("0", id: "\"\(String(repeating: "é", count: $0 / 2))\(String(repeating: "i", count: $0 % 2))\"")
            },
            Boundary("as the largest integer of an id", 1 << 53 - 1, "invalidRequest") { request("0", id: "\($0)") },
        ]
    }

    @Test(arguments: Boundary.all)
    func `what is at a limit is answered, what is one over it refused and not begun`(_ boundary: Boundary) async throws
    {
        let handler = TestHandler()
        let pair = try ConnectionPair(handler: handler)
        await pair.send(boundary.line(boundary.most))
        let taken = try await pair.receive()
        #expect(
            taken?["result"].object != nil || taken?.array?.count == boundary.most, "\(taken?.text.prefix(500) ?? "")")
        let begun = handler.begun.count
        await pair.send(boundary.line(boundary.most + 1), ping("last"))
        let refused = try await pair.receive()
        #expect(refused?["error"]["data"]["kind"].string == boundary.kind, "\(refused?.text.prefix(500) ?? "")")
        #expect(try await pair.receive()?["id"] == "last")
        #expect(handler.begun.count == begun + 1)
    }

    @Test func `a second request of an id in flight is refused, the first goes on`() async throws {
        let handler = TestHandler()
        let pair = try ConnectionPair(handler: handler)
        await pair.send(#"{"jsonrpc":"2.0","id":1,"method":"hold"}"#, ping(1))
        #expect(try await pair.receive()?["error"]["data"]["kind"] == "duplicateId")
        handler.release()
        #expect(try await pair.receive()?["result"].object != nil)
        await pair.send(ping(1))
        #expect(try await pair.receive()?["result"].object != nil)
    }

    // MARK: requests in flight

    /// Requests 0… that stay in flight.
    private func holds(_ count: Int, from first: Int = 0) -> String {
        (first..<first + count).map { #"{"jsonrpc":"2.0","id":\#($0),"method":"hold"}"# }.joined(separator: "\n")
    }

    @Test func `with 64 requests in flight no more are begun, and all are answered in the end`() async throws {
        let handler = TestHandler()
        let pair = try ConnectionPair(handler: handler)
        await pair.send(holds(80))
        #expect(await eventually { handler.begun.count == 64 })
        #expect(pair.isSilent() && handler.begun.count == 64)
        handler.release()
        var ids: Set<Int64> = []
        for _ in 0..<80 { if let id = try await pair.receive()?["id"].integer { ids.insert(id) } }
        #expect(ids == Set(0..<80))
        #expect(handler.begun == (0..<80).map { .integer($0) }, "in the order they came")
    }

    @Test func `cancellation gets through however many requests are in flight`() async throws {
        let handler = TestHandler()
        let pair = try ConnectionPair(handler: handler)
        await pair.send((0..<70).map { #"{"jsonrpc":"2.0","id":\#($0),"method":"wait"}"# }.joined(separator: "\n"))
        await pair.send(#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":68}}"#)
        let waiting = try await pair.receive()
        #expect(waiting?["id"] == 68 && waiting?["error"]["code"] == -32800, "never begun")
        await pair.send(#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":3}}"#)
        let begun = try await pair.receive()
        #expect(begun?["id"] == 3 && begun?["error"]["code"] == -32800)
        #expect(await eventually { handler.begun.count == 65 }, "its place is taken by the next")
        #expect(!handler.begun.contains(.integer(68)))
    }

    @Test func `what concerns a request under way overtakes those that wait, nothing else does`() async throws {
        let handler = TestHandler()
        let pair = try ConnectionPair(handler: handler)
        await pair.send(
            holds(65), #"{"jsonrpc":"2.0","method":"later"}"#, #"{"jsonrpc":"2.0","method":"urgent"}"#)
        #expect(await eventually { handler.notifications == ["urgent"] })
        handler.release()
        #expect(await eventually { handler.notifications == ["urgent", "later"] })
    }

    @Test func `what is read ahead is bounded`() async throws {
        let handler = TestHandler()
        let pair = try ConnectionPair(
            limits: ConnectionLimits(lineBytes: 1 << 20, outgoingLineBytes: 1 << 20, readAheadBytes: 100_000),
            handler: handler)
        await pair.send(holds(64))
        let line =
            #"{"jsonrpc":"2.0","id":"x","method":"echo","params":{"a":"\#(String(repeating: "a", count: 4000))"}}"#
        #expect(pair.sendUntilBlocked(line, limit: 4 << 20) < 2 << 20)
        handler.release()
        // Each request that is done makes room for the next, whose answer may overtake those of the others.
        var answers: [JSONValue] = []
        for _ in 0..<65 { if let id = try await pair.receive()?["id"] { answers.append(id) } }
        #expect(answers.count == 65 && answers.contains("x"))
    }

    @Test func `a shared budget holds several connections, each user's share one user's`() async throws {
        let (first, second) = (TestHandler(), TestHandler())
        let all = RequestBudget(limit: 6)
        let (one, other) = (RequestBudget(limit: 4, parent: all), RequestBudget(limit: 4, parent: all))
        let pairs = [
            try ConnectionPair(budget: one, handler: first), try ConnectionPair(budget: other, handler: second),
        ]
        await pairs[0].send(holds(10))
        #expect(await eventually { first.begun.count == 4 })
        await pairs[1].send(holds(10))
        #expect(await eventually { second.begun.count == 2 })
        #expect(pairs[0].isSilent() && first.begun.count == 4 && second.begun.count == 2)
        second.release()
        for _ in 0..<10 { #expect(try await pairs[1].receive()?["result"].object != nil) }
        first.release()
        for _ in 0..<10 { #expect(try await pairs[0].receive()?["result"].object != nil) }
        #expect(await eventually { all.count == 0 && one.count == 0 && other.count == 0 })
    }

    @Test func `requests that wait at the end of input are still answered`() async throws {
        let handler = TestHandler()
        let pair = try ConnectionPair(handler: handler)
        await pair.send(holds(66))
        pair.finish()
        #expect(await eventually { handler.begun.count == 64 })
        handler.release()
        #expect(try await pair.receiveAll().count == 66)
    }

    @Test func `a peer that is gone frees what it had in flight`() async throws {
        let handler = TestHandler()
        let budget = RequestBudget(limit: 100)
        let pair = try ConnectionPair(budget: budget, handler: handler)
        await pair.send((0..<70).map { #"{"jsonrpc":"2.0","id":\#($0),"method":"wait"}"# }.joined(separator: "\n"))
        #expect(await eventually { handler.begun.count == 64 })
        pair.hangUp()
        #expect(await eventually { handler.isClosed && budget.count == 0 })
    }
}
