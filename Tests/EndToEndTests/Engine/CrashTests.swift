import Glibc
import JSONRPC
import TestSupport
import Testing

/// The engine dies at every moment of a call at which something has changed or is about to, and the next one makes
/// everything whole: what was acknowledged is there, what was not is gone or as it was, and nothing stays on the host.
@Suite struct CrashTests {
    /// One call, what must be there before it, and what must hold after a crash in it.
    struct Case: Sendable, CustomTestStringConvertible {
        var call: [String]
        var before: [[String]] = []
        /// Containers and volumes that may be there afterwards, as names; what is there of them must work.
        var mayLeave: [String] = []
        /// Names that must be there afterwards, whatever became of the call.
        var mustLeave: [String] = []
        var testDescription: String { call.prefix(2).joined(separator: " ") }
    }

    static let cases = [
        Case(
            call: [
                "run", "-d", "--name", "aa", "-v", "data:/d", "-v", "/anonymous", "-p", "8000:80", "--link", "src:db",
                "busybox", "sleep", "1d",
            ],
            before: [["run", "-d", "--name", "src", "--expose", "80", "busybox", "sleep", "1d"]], mayLeave: ["aa"],
            mustLeave: ["src"]),
        Case(
            call: ["stop", "-t", "0", "aa"],
            before: [
                ["run", "-d", "--name", "aa", "-p", "8000:80", "busybox", "sleep", "1d"],
                ["run", "-d", "--name", "web", "--link", "aa:db", "busybox", "sleep", "1d"],
            ], mustLeave: ["aa", "web"]),
        Case(
            call: ["rm", "-f", "-v", "aa"],
            before: [["run", "-d", "--name", "aa", "-v", "/anonymous", "-p", "8000:80", "busybox", "sleep", "1d"]],
            mayLeave: ["aa"]),
        Case(call: ["volume", "create", "data"]),
        Case(
            call: ["link", "create", "web", "src:db,files=yes"],
            before: [
                [
                    "run", "-d", "--name", "src", "--expose", "80", "busybox", "httpd", "-f", "-p", "80", "-h",
                    "/var/www",
                ],
                ["run", "-d", "--name", "web", "busybox", "sleep", "1d"],
            ], mustLeave: ["src", "web"]),
        Case(
            call: ["update", "-m", "64m", "--pids-limit", "50", "--restart", "always", "aa"],
            before: [["run", "-d", "--name", "aa", "-m", "32m", "busybox", "sleep", "1d"]], mustLeave: ["aa"]),
        Case(
            call: ["cp", "aa:/etc", "copied"],
            before: [["create", "--name", "aa", "-v", "data:/d", "-v", "/usr:/bound:ro", "busybox", "sleep", "1d"]],
            mustLeave: ["aa"]),
        Case(call: ["network", "create", "--ipv6", "made"]),
        Case(
            call: ["network", "connect", "back", "aa"],
            before: [
                ["network", "create", "back"],
                ["run", "-d", "--name", "aa", "-p", "8000:80", "busybox", "sleep", "1d"],
            ], mustLeave: ["aa"]),
    ]

    @Test(arguments: cases)
    func aCrashAtAnyMomentIsMadeWhole(_ test: Case) async throws {
        try await TestEngine.with(images: ["busybox"], crashes: true) { engine in
            let moments = try await Self.moments(of: test, engine, plan: "0")
            #expect(moments.count > 3, "\(moments)")
            for (number, moment) in moments.enumerated() {
                try await Self.prepare(test, engine)
                let before = try await Footprint(of: engine)
                try TextFile.write(String(number + 1), to: engine.crashPlan)
                let result = try await engine.kenter(test.call)
                unlink(engine.crashPlan)
                if !engine.hasEnded { await engine.crash() }
                try await engine.start()
                // What it was to answer was written down, though nobody was told.
                let isWritten = result.exit == 0 || number == moments.count - 1
                try await Self.expectWhole(
                    test, result, isWritten, before, engine, "\(moment), number \(number + 1)")
            }
        }
    }

    /// The moments that a call comes by where nothing dies.
    static func moments(of test: Case, _ engine: TestEngine, plan: String) async throws -> [String] {
        try await prepare(test, engine)
        try TextFile.write(plan, to: engine.crashPlan)
        defer { unlink(engine.crashPlan) }
        let counted = try await engine.kenter(test.call)
        #expect(counted.exit == 0, "\(counted)")
        return TextFile.read(engine.crashPlan + ".moments").split(separator: "\n").map(String.init)
    }

    static func prepare(_ test: Case, _ engine: TestEngine) async throws {
        let names = try await names(engine)
        if !names.isEmpty { _ = try await engine.kenter(["rm", "-f", "-v"] + names) }
        _ = try await engine.call("volume.prune", ["all": true])
        _ = try await engine.call("network.prune")
        for command in test.before {
            let result = try await engine.kenter(command)
            if result.exit != 0 { throw CommandFailure(result.description) }
        }
    }

    private static func names(_ engine: TestEngine) async throws -> [String] {
        let listed = try await engine.call("container.list", ["all": true])["result"]["containers"].array ?? []
        return listed.compactMap { $0["name"].string }
    }

    private static func expectWhole(
        _ test: Case, _ result: CommandResult, _ isWritten: Bool, _ before: Footprint, _ engine: TestEngine,
        _ moment: String
    ) async throws {
        let names = try await names(engine)
        for name in test.mustLeave { #expect(names.contains(name), "\(moment): \(names)\n\(result)") }
        if result.exit == 0 {
            // Acknowledged before the engine died.
            for name in test.mayLeave where test.call[0] == "run" { #expect(names.contains(name), "\(moment)") }
        } else if test.call[0] == "run", !names.contains("aa") {
            let now = try await Footprint(of: engine)
            #expect(now == before, "\(moment): something of it stays\nnow: \(now)\nbefore: \(before)")
        }
        switch test.call[0] {
        case "link": try await expectWholeLink(result, engine, moment)
        case "network": try await expectWholeNetwork(test, result, isWritten, engine, moment)
        case "rm", "volume": try await expectWholeVolumes(test, result, isWritten, engine, moment)
        case "update": try await expectWholeLimits(result, engine, moment)
        default: break
        }
        // Whatever there is can be used, and taken away without a trace.
        for name in names where test.call[0] != "stop" || name != "web" {
            let started = try await engine.kenter(["start", name])
            #expect(started.exit == 0, "\(moment): \(started)")
            #expect(try await engine.kenter(["exec", name, "true"]).exit == 0, "\(moment)")
        }
        if !names.isEmpty { _ = try await engine.kenter(["rm", "-f", "-v"] + names) }
        try await engine.expectNothingLeft(of: "the engine died at: \(moment)")
        #expect(TextFile.names(in: "\(engine.root)/containers").isEmpty, "\(moment)")
    }

    /// All of the link is there, or nothing.
    static func expectWholeLink(_ result: CommandResult, _ engine: TestEngine, _ moment: String) async throws {
        let isThere =
            try await engine.call("link.list", ["container": "web"])["result"]["links"].array?.isEmpty == false
        if result.exit == 0 { #expect(isThere, "\(moment)") }
        let hosts = try await engine.kenter("exec", "web", "cat", "/etc/hosts")
        #expect(hosts.contains("\tdb ") == isThere, "\(moment): \(hosts)")
        let files = try await engine.kenter(["exec", "web", "ls", "/run/kenter/links"]).lines
        #expect(files == (isThere ? ["db"] : []), "\(moment)")
        let address = try await engine.address(of: "src")
        let reached = try await engine.kenter(["exec", "web", "nettool", "tcp", address, "80"])
        #expect((reached.exit == 0) == isThere, "\(moment): \(reached)")
    }

    /// The limits of the running container are those that the state names, all new or all old.
    static func expectWholeLimits(_ result: CommandResult, _ engine: TestEngine, _ moment: String) async throws {
        let container = try await engine.inspect("aa")
        let resources = container["resources"]
        let isNew = resources["pids"].integer == 50
        if result.exit == 0 { #expect(isNew, "\(moment)") }
        let memory: Int64 = isNew ? 67_108_864 : 33_554_432
        #expect(resources["memoryBytes"].integer == memory, "\(moment): \(resources.text)")
        #expect(container["restart"]["policy"].string == (isNew ? "always" : "no"), "\(moment)")
        let used = try await engine.call("container.stats", ["container": "aa"])["result"]["memoryLimitBytes"]
        #expect(used.integer == memory, "\(moment): \(used.text)")
    }

    /// A volume that was told of is there, one that was not is gone; those of a container that was removed go with it.
    static func expectWholeVolumes(
        _ test: Case, _ result: CommandResult, _ isWritten: Bool, _ engine: TestEngine, _ moment: String
    ) async throws {
        let isCreated = test.call[0] == "volume" && isWritten
        let isWhole = try await eventually {
            let listed = try await engine.call("container.list", ["all": true])["result"]["containers"].array ?? []
            let volumes = try await engine.kenter("volume", "ls", "-q").split(separator: "\n").count
            return volumes == (isCreated ? 1 : listed.count) && (result.exit != 0 || listed.isEmpty)
        }
        let volumes = try await engine.kenter("volume", "ls", "-q")
        #expect(isWhole, "\(moment): \(volumes)\n\(result)")
        let recorded = try await engine.call("events.history", [:])["result"]["events"].array ?? []
        if test.call[0] == "volume" {
            let created = recorded.filter { $0["kind"] == "volume.created" }.count
            let removed = recorded.filter { $0["kind"] == "volume.removed" }.count
            #expect(created == removed + (isCreated ? 1 : 0), "\(moment)")
        }
    }

    /// A network can be joined, or is not there; a container that joined one has its address.
    static func expectWholeNetwork(
        _ test: Case, _ result: CommandResult, _ isWritten: Bool, _ engine: TestEngine, _ moment: String
    ) async throws {
        let networks = try await engine.kenter("network", "ls", "-q").split(separator: "\n").count
        if test.call[1] == "create" {
            let isWhole = try await eventually {
                let networks = try await engine.kenter("network", "ls", "-q").split(separator: "\n").count
                return networks == (isWritten ? 2 : 1)
            }
            #expect(isWhole, "\(moment): \(networks) networks")
            if isWritten { try await engine.kenter("run", "--rm", "--network", "made", "busybox", "true") }
        } else {
            let joined = try await engine.inspect("aa")["networks"].object?.members.map(\.name) ?? []
            if result.exit == 0 { #expect(joined.contains("back"), "\(moment)") }
            #expect(try await engine.containerDevices().count == joined.count, "\(moment): \(joined)")
        }
    }
}
