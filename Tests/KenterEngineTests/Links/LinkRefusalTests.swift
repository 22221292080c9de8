import JSONRPC
@testable import KenterEngine
import KenterProtocol
import KenterState
import Testing

/// The texts of refusals: scripts match on them.
@Suite(.timeLimit(.minutes(1)))
struct LinkRefusalTests {
    private func refusal(
        _ bench: LinkBench, _ links: [String], network: NetworkMode = .network(id: LinkBench.networkId)
    ) async -> RPCError? {
        await #expect(throws: RPCError.self) {
            _ = try await bench.links.resolve(links, consumerId: LinkBench.id("consumer"), network: network)
        }
    }

    @Test func `links that can never work are refused at create, and leave nothing`() async throws {
        let undefined = "can't be used with links. This would result in undefined behavior"
        try await LinkBench.with { bench in
            try await bench.create("src")
            try await bench.create("on-host", network: .host)
            try await bench.create("inside", network: .container(id: LinkBench.id("on-host")))
            let cases: [(links: [String], network: NetworkMode, message: String)] = [
                (["nosuch:db"], .network(id: "n1"), "could not get container for nosuch: No such container: nosuch"),
                (
                    ["src", "nosuch"], .network(id: "n1"),
                    "could not get container for nosuch: No such container: nosuch"
                ),
                (["src/x:db"], .network(id: "n1"), "could not get container for src/x: No such container: src/x"),
                (["SRC:db"], .network(id: "n1"), "could not get container for SRC: No such container: SRC"),
                (["on-host:db"], .network(id: "n1"), "conflicting options: host type networking \(undefined)"),
                (["inside:db"], .network(id: "n1"), "conflicting options: host type networking \(undefined)"),
                (["src:db"], .host, "conflicting options: host type networking \(undefined)"),
                (
                    ["src:db"], .container(id: LinkBench.id("src")),
                    "conflicting options: container type network \(undefined)"
                ),
                (["src:db"], .none, "conflicting options: none type networking can't be used with links"),
                (["src:db", "src:db"], .network(id: "n1"), "link alias \"db\" is already used by src"),
                (
                    ["src:db,env=some"], .network(id: "n1"),
                    "invalid value 'some' of the link option 'env': it takes 'all', 'safe' or 'none'"
                ),
            ]
            for (links, network, message) in cases {
                let error = await refusal(bench, links, network: network)
                #expect(error?.message == message)
                #expect(error?.kind == .invalidParams, "\(links)")
            }
            #expect(try bench.links.list(container: nil).isEmpty)
            #expect(await refusal(bench, ["src:db,provider=nobody"])?.kind == .notFound)
            #expect(await refusal(bench, ["src:db,wait=healthy"])?.message.contains("no healthcheck") == true)
            #expect(await refusal(bench, ["src:db,wait-timeout=3s"])?.message.contains("needs 'wait'") == true)
        }
    }

    @Test func `a prefix of several ids is refused with the ids it matches`() async throws {
        try await LinkBench.with { bench in
            try await bench.create("one", id: "abcd11" + String(repeating: "0", count: 58))
            try await bench.create("two", id: "abcd22" + String(repeating: "0", count: 58))
            #expect(
                await refusal(bench, ["abcd:db"])?.message
                    == "abcd matches several containers: abcd11000000, abcd22000000")
            let one = try await bench.links.resolve(["abcd1"], consumerId: "c", network: .network(id: "n1"))
            #expect(one.links.map(\.sourceName) == ["one"])
            #expect(one.links.map(\.alias) == ["abcd1"])
        }
    }

    @Test func `a source is also found by a link's path, or through the network it shares`() async throws {
        try await LinkBench.with { bench in
            try await bench.create("src")
            try await bench.create("web", links: ["src:db"])
            try await bench.create("sharing", network: .container(id: LinkBench.id("src")))
            let resolved = try await bench.links.resolve(
                ["web/db:a", "/web/db:b", "sharing:c"], consumerId: "c", network: .network(id: "n1"))
            #expect(resolved.links.map(\.sourceId) == Array(repeating: LinkBench.id("src"), count: 3))
        }
    }

    @Test func `on a user-defined network a link may wait for its source`() async throws {
        try await LinkBench.with { bench in
            let second = try await bench.create("second", links: ["third:bar"], network: .network(id: "n2"))
            let linked = try await bench.start(second, at: "172.18.0.2", on: "n2")
            #expect(linked.hosts == [] && linked.variables == [])
            let third = try await bench.create("third", network: .network(id: "n2"))
            try await bench.start(third, at: "172.18.0.3", on: "n2")
            #expect(bench.hosts(second) == ["172.18.0.3\tbar h-third third"])
        }
    }

    @Test func `a consumer does not start while a source does not run, unless both start together`() async throws {
        try await LinkBench.with { bench in
            let source = try await bench.create("test")
            let consumer = try await bench.create("test2", links: ["test:test"])
            func refusal(together: Set<String> = []) throws -> RPCError? {
                #expect(throws: RPCError.self) {
                    try bench.links.checkStartable(bench.container(consumer), together: together)
                }
            }
            #expect(try refusal()?.message == "Cannot link to a non running container: /test AS /test2/test")
            #expect(try refusal()?.kind == .precondition)
            try bench.links.checkStartable(bench.container(consumer), together: [source])
            try bench.attach(source, at: "172.17.0.2")
            try bench.links.checkStartable(bench.container(consumer), together: [])
        }
    }

    @Test func `a consumer does not start with a source on another network`() async throws {
        try await LinkBench.with { bench in
            let source = try await bench.create("far", network: .network(id: "n2"))
            try await bench.start(source, at: "172.18.0.2", on: "n2")
            let consumer = try await bench.create("near", links: ["far:db"])
            let error = #expect(throws: RPCError.self) {
                try bench.links.checkStartable(bench.container(consumer), together: [])
            }
            #expect(error?.message == "Cannot link to /far, as it does not belong to the default network")
        }
    }

    @Test func `two links that would set one variable differently are refused at create`() async throws {
        try await LinkBench.with { bench in
            try await bench.create("one", env: ["ENV_X=1"])
            try await bench.create("two", env: ["X=2"])
            let error = await refusal(bench, ["one:db", "two:db-env"])
            #expect(error?.kind == .conflict)
            #expect(error?.message.contains("\"db\" and \"db-env\"") == true)
            #expect(error?.message.contains("DB_ENV_ENV_X") == true)
        }
    }

    @Test func `create warns of inherited variables that look secret, by name`() async throws {
        try await LinkBench.with { bench in
            try await bench.create("src", env: ["ROOT_PASSWORD=hidden", "A=b"])
            let resolved = try await bench.links.resolve(["src:db"], consumerId: "c", network: .network(id: "n1"))
            #expect(resolved.warnings.count == 1)
            #expect(resolved.warnings.first?.contains("DB_ENV_ROOT_PASSWORD") == true)
            #expect(resolved.warnings.first?.contains("hidden") == false)
            let safe = try await bench.links.resolve(
                ["src:db,env=safe"], consumerId: "c", network: .network(id: "n1"))
            #expect(safe.warnings == [])
        }
    }
}
