import JSONRPC
import TestSupport
import Testing

/// Links in the stream of events.
@Suite struct LinkEventTests {
    @Test func linkEventsAreAmongTheOthersAndCanBeResumedAcrossARestart() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.echo("src", links: [])
            try await engine.serve("web", links: ["src:db"])
            let seen = try await engine.events(since: 0)
            let kinds = seen.compactMap { $0["kind"].string }
            #expect(kinds.contains("link.created") && kinds.contains("container.started"))
            let last = seen.last?["seq"].integer ?? 0
            #expect(zip(seen, seen.dropFirst()).allSatisfy { ($0["seq"].integer ?? 0) < ($1["seq"].integer ?? 0) })

            await engine.crash()
            try await engine.start()
            try await engine.move("src")
            try await engine.kenter("link", "create", "web", "src:more")
            try await engine.kenter("link", "rm", "web/db")
            try await engine.kenter("rm", "-f", "web")
            let rest = try await engine.events(since: last, "--filter", "kind=link")
            #expect(
                rest.map { "\($0["kind"].string ?? "") \($0["name"].string ?? "")" } == [
                    "link.updated web/db", "link.created web/more", "link.removed web/db", "link.removed web/more",
                ])
            #expect(rest.allSatisfy { ($0["seq"].integer ?? 0) > last })
            #expect(!rest.map(\.text).joined().contains("172.17."), "no addresses, no values")
            let source = try await engine.inspect("src")["id"].string
            #expect(rest.allSatisfy { $0["attributes"]["source"].string == source })
            #expect(try await engine.events(since: last, "--filter", "link=web/more").count == 2)
            #expect(
                try await engine.events(since: last, "--filter", "container=src", "--filter", "kind=link").count == 4)
        }
    }

    @Test func aNumberThatTheJournalDoesNotReachIsRefusedWithTheGap() async throws {
        try await TestEngine.with { engine in
            let answer = try await engine.call("events.subscribe", ["since": 1_000_000])
            #expect(answer["error"]["data"]["kind"] == "precondition")
            #expect(answer["error"]["data"]["gap"]["to"].integer != nil)
            let result = try await engine.kenter(["events", "--since", "1000000"])
            #expect(result.exit == 1 && result.errors.contains("list the objects anew"), "\(result)")
        }
    }
}

extension TestEngine {
    /// What `kenter events --json` prints of the past: it would go on for ever, so it is ended.
    func events(since seq: Int64, _ arguments: String...) async throws -> [JSONValue] {
        let command =
            network.entering(
                ["timeout", "2", BuildProducts.executable("kenter"), "events", "--json", "--since", "\(seq)"]
                    + arguments)
        let result = try await Command.run(command, environment: environment)
        return try result.lines.map { try JSONValue(text: $0) }
    }
}
