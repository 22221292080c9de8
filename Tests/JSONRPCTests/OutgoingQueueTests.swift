@testable import JSONRPC
import TestSupport
import Testing

/// The outbound queue: a peer that does not read costs bounded memory and bounded time.
@Suite struct OutgoingQueueTests {
    private func limits(stalled: Int32 = 30_000) -> ConnectionLimits {
        ConnectionLimits(
            lineBytes: 1 << 20, outgoingLineBytes: 8 << 20, outgoingQueueBytes: 100_000, stalledMilliseconds: stalled)
    }

    @Test func `no request is begun while its peer reads none of its answers`() async throws {
        let handler = TestHandler()
        let pair = try ConnectionPair(limits: limits(), handler: handler, sendBufferBytes: 4096)
        for id in 0..<100 {
            await pair.send(#"{"jsonrpc":"2.0","id":\#(id),"method":"large","params":{"bytes":20000}}"#)
        }
        #expect(await eventually { pair.connection.outgoing.pendingBytes > 100_000 })
        #expect(handler.begun.count < 20, "\(handler.begun.count)")
        for id in 0..<100 { #expect(try await pair.receive()?["id"] == .integer(Int64(id))) }
    }

    @Test func `errors wait like results`() async throws {
        let pair = try ConnectionPair(limits: limits(), handler: TestHandler(), sendBufferBytes: 4096)
        let accepted = pair.sendUntilBlocked("x", limit: 8 << 20)
        #expect(accepted < 2 << 20, "\(accepted)")
        #expect(pair.connection.outgoing.pendingBytes < 400_000)
        #expect(try await pair.receive()?["error"]["code"] == -32700)
    }

    @Test func `a notification that has no room is not sent, and its sender learns of it`() async throws {
        let pair = try ConnectionPair(limits: limits(), handler: TestHandler(), sendBufferBytes: 4096)
        let params: JSONObject = ["text": .string(String(repeating: "x", count: 10_000))]
        var sent = 0
        while pair.connection.notify("news", params) { sent += 1 }
        #expect((10...30).contains(sent))
        for _ in 0..<sent { #expect(try await pair.receive()?["method"] == "news") }
        #expect(pair.isSilent())
        #expect(pair.connection.notify("news", params))
    }

    @Test func `a peer that takes nothing for too long is closed`() async throws {
        let handler = TestHandler()
        let pair = try ConnectionPair(limits: limits(stalled: 200), handler: handler, sendBufferBytes: 4096)
        await pair.send(#"{"jsonrpc":"2.0","id":1,"method":"large","params":{"bytes":2000000}}"#)
        #expect(await eventually { handler.isClosed })
        #expect(pair.connection.outgoing.pendingBytes == 0)
    }

    @Test func `whoever sees to the end of a peer that takes nothing hears of it once, and reads on`() async throws {
        let handler = TestHandler(readsOn: true)
        let pair = try ConnectionPair(limits: limits(stalled: 200), handler: handler, sendBufferBytes: 4096)
        await pair.send(#"{"jsonrpc":"2.0","id":1,"method":"large","params":{"bytes":2000000}}"#)
        #expect(await eventually { handler.failures == [.stalled(milliseconds: 200)] })
        await pair.send(#"{"jsonrpc":"2.0","method":"news"}"#)
        #expect(await eventually { handler.notifications == ["news"] })
        #expect(handler.failures.count == 1)
        #expect(!handler.isClosed)
    }

    @Test func `a peer is kept as long as it takes something`() async throws {
        let handler = TestHandler()
        // What the socket holds takes longer to read than the limit, and no more of it is free for writing meanwhile.
        let pair = try ConnectionPair(limits: limits(stalled: 3000), handler: handler)
        await pair.send(#"{"jsonrpc":"2.0","id":1,"method":"large","params":{"bytes":400000}}"#)
        for _ in 0..<20 {
            try await Task.sleep(for: .milliseconds(250))
            #expect(await pair.read(12_000) == 12_000)
        }
        #expect(!handler.isClosed)
    }

    @Test func `a peer that reads slowly but reads is kept, and what it has read is let go`() async throws {
        let handler = TestHandler()
        let pair = try ConnectionPair(limits: limits(stalled: 20_000), handler: handler, sendBufferBytes: 4096)
        for id in 0..<300 {
            await pair.send(#"{"jsonrpc":"2.0","id":\#(id),"method":"large","params":{"bytes":10000}}"#)
            if id > 5 { _ = try await pair.receive() }
        }
        #expect(pair.connection.outgoing.keptBytes < 400_000)
        pair.finish()
        #expect(try await pair.receiveAll().count == 6)
    }
}
