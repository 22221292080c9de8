import Glibc
import JSONRPC
import TestSupport
import Testing

/// Everything at once: whatever becomes of the single calls, in the end each container sees what its links say.
@Suite struct LinkStormTests {
    private static let names = ["aa", "bb", "cc"]

    @Test func afterAStormOfCallsEveryLinkIsAsItIsShown() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            for name in Self.names { try await engine.echo(name, links: []) }
            try await withThrowingTaskGroup { group in
                for worker in 1...4 { group.addTask { try await Self.work(worker, engine) } }
                try await engine.killLinkProvider()
                try await group.waitForAll()
            }
            // A provider that was killed is being started again.
            var starting = try await engine.kenter(["start"] + Self.names)
            _ = try await eventually(within: .seconds(30)) {
                if starting.exit != 0 { starting = try await engine.kenter(["start"] + Self.names) }
                return starting.exit == 0
            }
            #expect(starting.exit == 0, "\(starting)")
            for name in Self.names {
                let serves = try await eventually {
                    try await engine.kenter(["exec", name, "nettool", "tcp", "127.0.0.1", "9000"]).exit == 0
                }
                #expect(serves)
            }
            for name in Self.names { try await Self.expectTruth(of: name, engine) }
        }
    }

    /// Makes, removes and restarts; most of it may fail, none of it may hang.
    private static func work(_ worker: Int, _ engine: TestEngine) async throws {
        for step in 0..<12 {
            let number = worker * 7 + step * 5
            let (consumer, source) = (names[number % 3], names[(number + 1 + step % 2) % 3])
            let command =
                switch (worker + step) % 6 {
                case 0, 1, 2: ["link", "create", consumer, "\(source):x\(step % 3),files=yes"]
                case 3: ["link", "rm", "\(consumer)/x\((step + worker) % 3)"]
                case 4: ["restart", "-t", "0", consumer]
                default: ["kill", consumer]
                }
            let result = try await engine.kenter(command)
            #expect(result.exit <= 1, "\(result)")
            if command[0] == "kill" { _ = try await engine.kenter(["start"] + names) }
        }
    }

    private static func expectTruth(of consumer: String, _ engine: TestEngine) async throws {
        let links = try JSONValue(text: try await engine.kenter("link", "ls", consumer, "--json")).array ?? []
        let own = links.filter { $0["consumer"].string == consumer }
        #expect(own.allSatisfy { $0["state"] == "active" }, "\(own.map(\.text))")
        var lines: [String] = []
        for link in own {
            let source = link["source"].string ?? ""
            lines.append(
                "\(try await engine.address(of: source))\t\(link["alias"].string ?? "") \(try await engine.shortID(source)) \(source)"
            )
        }
        let seen = try await engine.hosts(of: consumer).filter { $0.contains("\tx") }
        #expect(Set(seen) == Set(lines) && seen.count == lines.count, "\(seen) should be \(lines)")
        let files = try await engine.kenter("exec", consumer, "ls", "/run/kenter/links").split(separator: "\n").map(
            String.init)
        #expect(Set(files) == Set(own.compactMap { $0["alias"].string }))
        for name in names where name != consumer {
            let probe = try await engine.kenter([
                "exec", consumer, "nettool", "tcp", engine.address(of: name), "9000",
            ])
            #expect(
                (probe.exit == 0) == own.contains { $0["source"].string == name }, "\(consumer) → \(name): \(probe)")
        }
    }
}
