import Glibc
import JSONRPC
import TestSupport
import Testing

/// What a call has come to in which something died, once all is up again.
struct CrashOutcome {
    let test: CrashCase
    let result: CommandResult
    let engine: TestEngine
    /// What died when, for messages.
    let moment: String
    /// Whether it was done so far that it must be there, acknowledged or not.
    var isWritten: Bool

    init(_ test: CrashCase, _ result: CommandResult, _ engine: TestEngine, _ moment: String) {
        self.test = test
        self.result = result
        self.engine = engine
        self.moment = moment
        isWritten = result.exit == 0
    }

    /// They run on, the same processes, and can be used.
    func expectBystanders(_ before: [String: JSONValue]) async throws {
        for (name, state) in before {
            let now = try await engine.lasting(of: name)
            #expect(now == state, "\(moment): \(name) was \(state.text), is \(now.text)")
            let isAlive = kill(Int32(now["pid"].integer ?? 0), 0) == 0
            #expect(isAlive, "\(moment): \(name)")
            #expect(try await engine.kenter(["exec", name, "true"]).exit == 0, "\(moment): \(name)")
        }
    }

    /// All of it is there, or nothing; and what is there agrees with itself.
    func expectWhole() async throws {
        let names = try await engine.names()
        for name in test.mustLeave { #expect(names.contains(name), "\(moment): \(names)\n\(result)") }
        for name in names { try await expectConsistent(name) }
        switch test.call[0] {
        case "run": try await expectWholeRun()
        case "stop": try await expectWholeStop()
        case "rm": try await expectWholeRemoval()
        case "link": try await expectWholeLink()
        case "volume": try await expectWholeVolume()
        case "update": try await expectWholeLimits()
        case "cp": if result.exit == 0 { #expect(access("\(engine.directory)/copied/passwd", F_OK) == 0, "\(moment)") }
        case "network": try await expectWholeNetwork()
        default: Issue.record("nobody looks at \(test.call)")
        }
    }

    /// Whatever there is can be used, and taken away without a trace.
    func expectNothingLeft(since before: EngineTraces) async throws {
        let names = try await engine.names()
        // Sources first.
        for name in names.filter({ $0 != "web" }) + names.filter({ $0 == "web" }) {
            let started = try await engine.kenter(["start", name])
            #expect(started.exit == 0, "\(moment): \(started)")
            #expect(try await engine.kenter(["exec", name, "true"]).exit == 0, "\(moment)")
        }
        if !names.isEmpty { try await engine.expectSuccess(["rm", "-f", "-v"] + names) }
        if test.linkProvider != nil {
            let isUndone = await eventually { actions.last?.hasPrefix("establish") != true }
            #expect(isUndone, "\(moment): \(actions)")
        }
        try await engine.expectNothingLeft(of: moment)
        try await engine.removeEverything()
        try await engine.expectTraces(before, after: moment)
    }

    // MARK: parts

    /// What the state says of a container is so.
    private func expectConsistent(_ name: String) async throws {
        let state = try await engine.inspect(name)["state"]
        guard state["status"] == "running" else {
            #expect(state["pid"].integer ?? 0 == 0, "\(moment): \(name) \(state.text)")
            return
        }
        let isAlive = kill(Int32(state["pid"].integer ?? 0), 0) == 0
        #expect(isAlive, "\(moment): \(name) \(state.text)")
    }

    private func isRunning(_ name: String) async throws -> Bool {
        try await engine.inspect(name)["state"]["status"] == "running"
    }

    /// Whether the outside world gets an answer from a host port.
    private func isServed(_ port: Int) async throws -> Bool {
        let url = "http://\(TestNetwork.hostAddress):\(port)/"
        return try await engine.host("curl", "-s", "-o", "/dev/null", "-m", "2", url, outside: true).exit == 0
    }

    private func expectWholeRun() async throws {
        let isThere = try await engine.names().contains("aa")
        if isWritten { #expect(isThere, "\(moment)\n\(result)") }
        guard isThere else { return }
        // One that was made, and is not running, is whole when it can be started, which comes later.
        let isRunning = try await isRunning("aa")
        if isWritten { #expect(isRunning, "\(moment)") }
        guard isRunning else { return }
        if test.call.contains("8000:80") {
            #expect(try await eventually { try await isServed(8000) }, "\(moment)")
            #expect(try await engine.kenter("exec", "aa", "cat", "/etc/hosts").contains("\tdb "), "\(moment)")
            try await engine.expect("aa", reaches: "tcp", try await engine.address(of: "src"), "80")
        } else {
            #expect(try await engine.kenter("exec", "aa", "cat", "/data/seed") == "seeded", "\(moment)")
        }
    }

    /// It runs, or has ended; who is linked to it sees which.
    private func expectWholeStop() async throws {
        let container = try await engine.inspect("aa")
        let isRunning = container["state"]["status"] == "running"
        if isWritten {
            #expect(container["state"]["status"] == "exited", "\(moment): \(container["state"].text)")
            #expect(container["state"]["exitCode"] == 137, "\(moment): \(container["state"].text)")
        }
        guard test.mustLeave.contains("web") else { return }
        #expect(try await isServed(8000) == isRunning, "\(moment)")
        #expect(try await isServed(8001), "\(moment)")
    }

    /// Its volumes go with it, and who was linked to it goes on without.
    private func expectWholeRemoval() async throws {
        let isThere = try await engine.names().contains("aa")
        if isWritten { #expect(!isThere, "\(moment)\n\(result)") }
        try await expectVolumes(isThere ? 1 : 0)
        if !isThere { #expect(try await !isServed(8000), "\(moment)") }
    }

    private func expectVolumes(_ count: Int) async throws {
        let isWhole = try await eventually {
            try await engine.kenter("volume", "ls", "-q").split(separator: "\n").count == count
        }
        let volumes = try await engine.kenter("volume", "ls", "-q")
        #expect(isWhole, "\(moment): \(volumes)\n\(result)")
    }

    /// A volume that was told of is there, one that was not is gone.
    private func expectWholeVolume() async throws {
        try await expectVolumes(isWritten ? 1 : 0)
        let recorded = try await engine.call("events.history", [:])["result"]["events"].array ?? []
        let created = recorded.filter { $0["kind"] == "volume.created" }.count
        let removed = recorded.filter { $0["kind"] == "volume.removed" }.count
        #expect(created == removed + (isWritten ? 1 : 0), "\(moment)")
    }

    /// All of the link is there, or nothing.
    private func expectWholeLink() async throws {
        let isThere =
            try await engine.call("link.list", ["container": "web"])["result"]["links"].array?.isEmpty == false
        if isWritten { #expect(isThere, "\(moment)") }
        let hosts = try await engine.kenter("exec", "web", "cat", "/etc/hosts")
        // A whole word: ids begin with anything.
        #expect(hosts.contains(/\tdb\b/) == isThere, "\(moment): \(hosts)")
        guard test.linkProvider == nil else {
            let hasActed = await eventually { (actions.last?.hasPrefix("establish") == true) == isThere }
            #expect(hasActed, "\(moment): a link \(isThere), actions \(actions)")
            return
        }
        let files = try await engine.kenter(["exec", "web", "ls", "/run/kenter/links"]).lines
        #expect(files == (isThere ? ["db"] : []), "\(moment)")
        let address = try await engine.address(of: "src")
        let reached = try await engine.kenter(["exec", "web", "nettool", "tcp", address, "80"])
        #expect((reached.exit == 0) == isThere, "\(moment): \(reached)")
    }

    /// What a provider with effects has done, oldest first.
    private var actions: [String] {
        TextFile.read("\(engine.root)/plugin-state/\(test.linkProvider ?? "")/actions").split(separator: "\n").map(
            String.init)
    }

    /// The limits of the running container are those that the state names, all new or all old.
    private func expectWholeLimits() async throws {
        let container = try await engine.inspect("aa")
        let resources = container["resources"]
        let isNew = resources["pids"].integer == 50
        if isWritten { #expect(isNew, "\(moment)") }
        let memory: Int64 = isNew ? 67_108_864 : 33_554_432
        #expect(resources["memoryBytes"].integer == memory, "\(moment): \(resources.text)")
        #expect(container["restart"]["policy"].string == (isNew ? "always" : "no"), "\(moment)")
        let used = try await engine.call("container.stats", ["container": "aa"])["result"]["memoryLimitBytes"]
        #expect(used.integer == memory, "\(moment): \(used.text)")
    }

    /// A network can be joined, or is not there; a container that joined one has its address.
    private func expectWholeNetwork() async throws {
        guard test.call[1] == "create" else {
            let joined = try await engine.inspect("aa")["networks"].object?.members.map(\.name) ?? []
            if isWritten { #expect(joined.contains("back"), "\(moment)") }
            #expect(try await engine.containerDevices().count == joined.count, "\(moment): \(joined)")
            return
        }
        let isWhole = try await eventually {
            try await engine.kenter("network", "ls", "-q").split(separator: "\n").count == (isWritten ? 2 : 1)
        }
        let networks = try await engine.kenter("network", "ls")
        #expect(isWhole, "\(moment): \(networks)")
        if isWritten { try await engine.kenter("run", "--rm", "--network", "made", "busybox", "true") }
    }
}
