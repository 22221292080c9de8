import JSONRPC
@testable import KenterEngine
import Testing

/// A place in the line is kept from the moment it is taken, whenever its owner comes to wait.
struct WaitingLineTests {
    private static let late = RPCError(.timeout, "late")
    private static let cancelled = RPCError(.cancelled, "cancelled")

    private func wait(_ line: WaitingLine<Int>, at place: WaitingLine<Int>.Place, within limit: Duration = .seconds(20))
        async throws -> Int
    {
        try await line.wait(at: place, until: .now + limit, late: Self.late, cancelled: Self.cancelled)
    }

    @Test func `who is served before it waits has its value at once`() async throws {
        let line = WaitingLine<Int>()
        #expect(!line.serve(0))
        let (first, second) = (line.join(), line.join())
        #expect(line.count == 2)
        #expect(line.serve(1) && line.serve(2) && !line.serve(3))
        #expect(line.count == 0)
        #expect(try await wait(line, at: second) == 2)
        #expect(try await wait(line, at: first) == 1)
    }

    @Test func `who fails before it waits fails at once, in its turn`() async throws {
        let line = WaitingLine<Int>()
        let (first, second) = (line.join(), line.join())
        line.failAll(RPCError(.unavailable, "gone"))
        let third = line.join()
        line.serveAll(7)
        for place in [first, second] {
            let error = await #expect(throws: RPCError.self) { _ = try await wait(line, at: place) }
            #expect(error?.kind == .unavailable)
        }
        #expect(try await wait(line, at: third) == 7)
    }

    @Test func `who is late or cancelled leaves the line to the others`() async throws {
        let line = WaitingLine<Int>()
        let (early, next) = (line.join(), line.join())
        let late = await #expect(throws: RPCError.self) { _ = try await wait(line, at: early, within: .zero) }
        #expect(late?.kind == .timeout)
        let waiting = Task { try await wait(line, at: next) }
        waiting.cancel()
        let cancelled = await #expect(throws: RPCError.self) { _ = try await waiting.value }
        #expect(cancelled?.kind == .cancelled)
        #expect(line.count == 0 && !line.serve(1))
    }
}
