import JSONRPC
@testable import KenterEngine
import KenterProtocol
import KenterState
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

    /// An update that has planned before a removal, and comes to act after it.
    @Test func `nobody acts for a link that was removed meanwhile`() async throws {
        try await LinkBench.with(provider: "acts-on-links") { bench in
            let source = try await bench.create("src")
            try await bench.start(source, at: "172.17.0.2")
            let web = try await bench.create("web", links: ["src:db"])
            try await bench.start(web, at: "172.17.0.3")
            try await bench.stop(source)
            let known = try bench.rules().count
            try bench.holdRules(true)
            async let started = bench.start(source, at: "172.17.0.9")
            let isHeld = try await eventually { try bench.rules().count > known }
            #expect(isHeld)
            async let removed: Void = bench.links.remove(consumer: "web", alias: "db")
            let isRevoked = await eventually { bench.actions().last == "revoke 172.17.0.2" }
            #expect(isRevoked)
            try bench.holdRules(false)
            _ = try await (started, removed)
            #expect(bench.actions() == ["establish 172.17.0.2", "revoke 172.17.0.2"])
        }
    }

    @Test func `what a provider could not do is undone, and tried again without any further change`() async throws {
        try await LinkBench.with(provider: "acts-on-links") { bench in
            let source = try await bench.create("src")
            try await bench.start(source, at: "172.17.0.2")
            let web = try await bench.create("web", links: ["src:db"])
            try await bench.start(web, at: "172.17.0.3")
            try await bench.stop(source)
            try bench.refuseActions(true)
            try await bench.start(source, at: "172.17.0.9")
            #expect(bench.actions().dropFirst() == ["revoke 172.17.0.2", "establish 172.17.0.9", "revoke unknown"])
            try bench.refuseActions(false)
            let isDone = await eventually(within: .seconds(30)) { bench.actions().last == "establish 172.17.0.9" }
            #expect(isDone)
        }
    }

    @Test func `what could not be undone is undone later, and done again at the next start`() async throws {
        try await LinkBench.with(provider: "acts-on-links") { bench in
            let source = try await bench.create("src")
            try await bench.start(source, at: "172.17.0.2")
            let web = try await bench.create("web", links: ["src:db"])
            try await bench.start(web, at: "172.17.0.3")
            try bench.refuseUndoing(true)
            try await bench.stop(web)
            #expect(bench.actions() == ["establish 172.17.0.2", "revoke 172.17.0.2"])
            try bench.refuseUndoing(false)
            let isUndone = await eventually(within: .seconds(30)) {
                bench.actions().dropFirst(2) == ["revoke 172.17.0.2"]
            }
            #expect(isUndone)
            try bench.refuseUndoing(true)
            try await bench.start(web, at: "172.17.0.3")
            try await bench.stop(web)
            // The same plan, but nobody knows whether it is still in force.
            try bench.refuseUndoing(false)
            try await bench.start(web, at: "172.17.0.3")
            #expect(bench.actions().last == "establish 172.17.0.2")
        }
    }

    @Test func `a provider that has lost what it did acts again`() async throws {
        try await LinkBench.with(provider: "acts-on-links") { bench in
            let source = try await bench.create("src")
            try await bench.start(source, at: "172.17.0.2")
            let web = try await bench.create("web", links: ["src:db"])
            try await bench.start(web, at: "172.17.0.3")
            await bench.links.updateAll()
            #expect(bench.actions() == ["establish 172.17.0.2"])
            let ids = try bench.store.read { try $0.links().map(\.id) }
            ReconciliationAftermath.forget(ids, of: "another", bench.store, bench.log)
            await bench.links.updateAll()
            #expect(bench.actions() == ["establish 172.17.0.2"])
            ReconciliationAftermath.forget(ids, of: "acts-on-links", bench.store, bench.log)
            await bench.links.updateAll()
            #expect(bench.actions() == ["establish 172.17.0.2", "establish 172.17.0.2"])
        }
    }
}
