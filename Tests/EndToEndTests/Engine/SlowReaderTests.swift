import JSONRPC
import TestSupport
import Testing

/// Clients that do not read what they asked for, at the limits that an engine has when nobody sets them.
@Suite struct SlowReaderTests {
    private static func discover(_ id: Int) -> String { #"{"jsonrpc":"2.0","id":\#(id),"method":"rpc.discover"}"# }

    private static func create(_ id: Int, _ volume: String) -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"volume.create","params":{"name":"\#(volume)"}}"#
    }

    private static func volumes(_ engine: TestEngine) async throws -> [String] {
        try await engine.call("volume.list")["result"]["volumes"].array?.compactMap { $0["name"].string } ?? []
    }

    @Test func whatAMebibyteOfUnreadAnswersKeepsFromBeginningBeginsOnceItIsRead() async throws {
        try await TestEngine.with { engine in
            let limits = try await engine.call("engine.limits")["result"]
            #expect(limits["outgoingQueueBytes"] == 1_048_576)
            let answerBytes = try await engine.call("rpc.discover").text.utf8.count
            let client = try engine.connect()

            // Less than that waits: requests are begun though nothing is read.
            let few = 1_000_000 / answerBytes
            for id in 1...few { await client.send(Self.discover(id)) }
            await client.send(Self.create(few + 1, "begun"))
            let isBegun = try await eventually { try await Self.volumes(engine) == ["begun"] }
            #expect(isBegun)

            // More than that and what the sockets hold.
            let many = few + 1 + 2_500_000 / answerBytes
            for id in few + 2...many { await client.send(Self.discover(id)) }
            await client.send(Self.create(many + 1, "waiting"))
            // Later requests of others are answered meanwhile, and that one is not.
            for _ in 1...20 { #expect(try await Self.volumes(engine) == ["begun"]) }

            for id in 1...many + 1 {
                let answer = try JSONValue(text: try await client.receive() ?? "null")
                #expect(answer["id"] == .integer(Int64(id)) && answer["result"].object != nil)
            }
            #expect(try await Self.volumes(engine) == ["begun", "waiting"])
        }
    }

    @Test func whoTakesNothingForHalfAMinuteIsDisconnectedAndWhoTakesALittleIsNot() async throws {
        try await TestEngine.with { engine in
            #expect(try await engine.call("engine.limits")["result"]["outgoingStallSeconds"] == 30)
            let (stalled, slow) = (try engine.connect(), try engine.connect())
            let start = ContinuousClock.now
            for client in [stalled, slow] { for id in 1...10 { await client.send(Self.discover(id)) } }
            var read = 0
            let isClosed = try await eventually(within: .seconds(60)) {
                // So little that it is at its first line when the other one's time is over.
                read += try await slow.read(atMost: 50)
                return stalled.isClosedByPeer
            }
            #expect(isClosed)
            #expect(ContinuousClock.now - start >= .seconds(29))
            #expect(!slow.isClosedByPeer && read > 0)
            #expect(try await slow.receive() != nil, "the rest of the first line")
            for id in 2...10 {
                let answer = try JSONValue(text: try await slow.receive() ?? "null")
                #expect(answer["id"] == .integer(Int64(id)))
            }
            #expect(try await engine.call("engine.ping")["result"].object != nil)
        }
    }
}
