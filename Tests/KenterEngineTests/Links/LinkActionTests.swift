import JSONRPC
@testable import KenterEngine
import KenterProtocol
import TestSupport
import Testing

/// Link providers with the capability `effects`.
@Suite(.timeLimit(.minutes(2)))
struct LinkActionTests {
    @Test func `a provider acts when its link is applied, anew when the plan changes, and undoes it at the end`()
        async throws
    {
        try await LinkBench.with(provider: "acts-on-links") { bench in
            let source = try await bench.create("src")
            try await bench.start(source, at: "172.17.0.2")
            let web = try await bench.create("web", links: ["src:db"])
            #expect(bench.actions() == [])
            try await bench.start(web, at: "172.17.0.3")
            try await bench.stop(source)
            #expect(bench.actions() == ["establish 172.17.0.2"])
            try await bench.start(source, at: "172.17.0.9")
            #expect(bench.actions().dropFirst() == ["revoke 172.17.0.2", "establish 172.17.0.9"])
            try await bench.stop(web)
            #expect(bench.actions().last == "revoke 172.17.0.9")
            try await bench.start(web, at: "172.17.0.3")
            _ = try await bench.links.create(LinkCreate(consumer: "web", source: "src:more"), consumer: web)
            try await bench.links.remove(consumer: "web", alias: "db")
            #expect(
                bench.actions().dropFirst(4) == ["establish 172.17.0.9", "establish 172.17.0.9", "revoke 172.17.0.9"])
        }
    }

    @Test func `when it cannot act, the start or the creation fails and is undone`() async throws {
        try await LinkBench.with(provider: "acts-on-links") { bench in
            let source = try await bench.create("src")
            try await bench.start(source, at: "172.17.0.2")
            let web = try await bench.create("web", links: ["src:db"])
            try bench.refuseActions(true)
            let refused = await #expect(throws: RPCError.self) { try await bench.start(web, at: "172.17.0.3") }
            #expect(refused?.kind == .io)
            #expect(bench.actions() == ["establish 172.17.0.2", "revoke unknown"])
            try bench.refuseActions(false)
            try await bench.start(web, at: "172.17.0.3")
            try bench.refuseActions(true)
            await #expect(throws: RPCError.self) {
                _ = try await bench.links.create(LinkCreate(consumer: "web", source: "src:more"), consumer: web)
            }
            #expect(bench.actions().last == "revoke unknown")
            #expect(try bench.links.list(container: nil).map(\.alias) == ["db"])
            #expect(bench.hosts(web) == ["172.17.0.2\tdb"])
        }
    }
}
