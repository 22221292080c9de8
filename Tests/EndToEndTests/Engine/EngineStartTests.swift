import Glibc
import JSONRPC
import TestSupport
import Testing

@Suite struct EngineStartTests {
    private static func isRunning(_ engine: TestEngine, _ name: String) async throws -> Bool {
        try await engine.inspect(name)["state"]["status"] == "running"
    }

    @Test func containersComeUpInLinkOrderWhateverTheirAge() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let always = ["run", "-d", "--restart", "always", "--name"]
            func run(_ name: String, _ options: String...) async throws {
                let result = try await engine.kenter(always + [name] + options + ["busybox", "sleep", "1d"])
                #expect(result.exit == 0, "\(result)")
            }
            try await run(
                "db", "--tmpfs", "/flag", "--health-cmd", "test -e /flag/ready", "--health-interval", "100ms",
                "--health-retries", "999")
            try await engine.kenter("exec", "db", "touch", "/flag/ready")
            try await run("web", "--link", "db,wait=healthy")
            try await run("proxy", "--link", "web")
            try await run("alone")
            // A link to a source that will not come back: it must hold up nobody else.
            try await engine.kenter("run", "-d", "--name", "gone", "busybox", "sleep", "1d")
            try await run("broken", "--link", "gone")

            try await Self.restart(engine)
            for name in ["db", "alone"] {
                let isUp = try await eventually { try await Self.isRunning(engine, name) }
                #expect(isUp, "\(name)")
            }
            let waits = try await eventually {
                try await engine.inspect("web")["state"]["reason"].string == "waiting for db to be healthy"
            }
            #expect(waits)
            #expect(!(try await Self.isRunning(engine, "proxy")))
            try await engine.kenter("exec", "db", "touch", "/flag/ready")
            for name in ["web", "proxy"] {
                let isUp = try await eventually { try await Self.isRunning(engine, name) }
                #expect(isUp, "\(name)")
            }
            #expect(try await engine.kenter("exec", "proxy", "sh", "-c", "echo $WEB_NAME") == "/proxy/web")
            // Once its source is back the failed one comes up, too.
            try await engine.kenter("start", "gone")
            let isBack = try await eventually(within: .seconds(30)) { try await Self.isRunning(engine, "broken") }
            #expect(isBack)
        }
    }

    @Test func aCycleStartsTogetherByCallAndByEngine() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            func create(_ name: String, _ link: String) async throws {
                try await engine.kenter(
                    "create", "--restart", "always", "--name", name, "--link", link, "--expose", "80", "busybox",
                    "sleep",
                    "1d")
            }
            // A link that follows the name of its source may close a circle.
            try await engine.kenter("create", "--name", "aa", "busybox", "sleep", "1d")
            try await create("bb", "aa:aa,rebind=name")
            try await engine.kenter("rm", "aa")
            try await create("aa", "bb")
            let alone = try await engine.kenter(["start", "aa"])
            #expect(alone.errors.contains("Cannot link to a non running container: /bb AS /aa/bb"), "\(alone)")
            func expectBoth() async throws {
                for (name, variable, source) in [("aa", "BB_PORT", "bb"), ("bb", "AA_PORT", "aa")] {
                    let isUp = try await eventually { try await Self.isRunning(engine, name) }
                    #expect(isUp, "\(name)")
                    let address = try await engine.address(of: source)
                    let value = try await engine.kenter("exec", name, "sh", "-c", "tr '\\0' '\\n' </proc/1/environ")
                    #expect(value.contains("\(variable)=tcp://\(address):80"), "\(value)")
                }
            }
            try await engine.kenter("start", "aa", "bb")
            try await expectBoth()
            try await Self.restart(engine)
            try await expectBoth()
            // All of them die, and nobody but their policies brings them back.
            let before = try await Self.processes(engine)
            for process in before { kill(process, SIGKILL) }
            let haveGone = try await eventually(within: .seconds(30)) {
                try await Set(Self.processes(engine)).union(before).count == 4
            }
            #expect(haveGone)
            try await expectBoth()
        }
    }

    @Test func whatIsStoppedWhileItWaitsForItsTurnStaysDown() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter(
                "run", "-d", "--restart", "always", "--name", "db", "--tmpfs", "/flag", "--health-cmd",
                "test -e /flag/ready",
                "--health-interval", "100ms", "--health-retries", "999", "busybox", "sh", "-c", "sleep 1d")
            try await engine.kenter("exec", "db", "touch", "/flag/ready")
            try await engine.kenter(
                "run", "-d", "--restart", "unless-stopped", "--name", "web", "--link", "db,wait=healthy", "busybox",
                "sleep", "1d")
            try await Self.restart(engine)
            let waits = try await eventually { try await engine.kenter("ps").contains("waiting for db to be healthy") }
            #expect(waits)
            try await engine.kenter("stop", "web")
            try await engine.kenter("exec", "db", "touch", "/flag/ready")
            try await engine.kenter("wait", "--until", "healthy", "db")
            #expect(try await engine.inspect("web")["state"]["status"] == "exited")
            try await engine.kenter("start", "web")
        }
    }

    /// Restarts the engine as a restart of the host would: no container survives it.
    private static func restart(_ engine: TestEngine) async throws {
        let processes = try await processes(engine)
        await engine.crash()
        for process in processes { kill(process, SIGKILL) }
        try await engine.start()
    }

    /// The main processes of all containers that run.
    private static func processes(_ engine: TestEngine) async throws -> [Int32] {
        var processes: [Int32] = []
        for name in try await engine.kenter("ps", "-q").split(separator: "\n") {
            // One that has ended meanwhile has none.
            guard let process = try await engine.inspect(String(name))["state"]["pid"].integer else { continue }
            if process > 1 { processes.append(Int32(process)) }
        }
        return processes
    }

    /// Two engines must not share a run directory: each ends what it does not know there.
    @Test func anotherRootNeverTakesTheRunDirectoryOfAnEngineOrOfItsContainers() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("run", "-d", "--name", "aa", "busybox", "sleep", "1d")
            let pid = try await engine.inspect("aa")["state"]["pid"]
            let other = "\(engine.directory)/other"
            func start(root: String, run: String, _ flags: String...) async throws -> CommandResult {
                try await Command.run(
                    engine.network.entering(
                        [BuildProducts.executable("kenterd"), "--root", root, "--run", run] + flags),
                    within: .seconds(20))
            }
            func expectUntouched() async throws {
                let state = try await engine.inspect("aa")["state"]
                #expect(state["status"] == "running" && state["pid"] == pid)
            }
            let rules = try await engine.host("nft", "list", "ruleset").output
            var refused = try await start(root: other, run: engine.runDirectory)
            #expect(refused.exit == 1 && refused.errors.contains("owns \(engine.runDirectory)"), "\(refused)")
            refused = try await start(root: other, run: engine.runDirectory, "--stdio")
            #expect(refused.exit == 1 && refused.errors.contains("has another root than \(other)"), "\(refused)")
            try await expectUntouched()

            // What fails only at its door leaves nothing either.
            refused = try await start(
                root: other, run: "\(engine.directory)/elsewhere", "--socket",
                "/tmp/" + String(repeating: "x", count: 200))
            #expect(refused.exit == 1 && refused.errors.contains("more than 107 bytes"), "\(refused)")
            #expect(try await engine.host("nft", "list", "ruleset").output == rules)
            #expect(try await engine.host("ip", "route", "show", "type", "blackhole").lines.count == 1)

            // Neither while its own engine is away.
            try await engine.stop()
            refused = try await start(root: other, run: engine.runDirectory)
            #expect(refused.exit == 1 && refused.errors.contains("containers of \(engine.root) run from"), "\(refused)")
            refused = try await start(root: engine.root, run: "\(engine.directory)/elsewhere")
            #expect(refused.exit == 1 && refused.errors.contains("--run \(engine.runDirectory)"), "\(refused)")
            try await engine.start()
            try await expectUntouched()
        }
    }

    /// As a script may have it that wants one directory to remove.
    @Test(arguments: [("x", "x/run"), ("x/root", "x"), ("x", "x")])
    func rootAndRunDirectoryMayLieInEachOther(_ root: String, _ run: String) async throws {
        try await TestEngine.with { engine in
            let (root, run) = ("\(engine.directory)/\(root)", "\(engine.directory)/\(run)")
            let command = engine.network.entering([
                "timeout", "--signal=TERM", "10", BuildProducts.executable("kenterd"), "--root", root, "--run", run,
            ])
            async let ended = Command.run(command, within: .seconds(30))
            let answers = await eventually {
                (try? await LineClient.unix("\(run)/kenter.sock").call(
                    #"{"jsonrpc":"2.0","id":1,"method":"engine.ping"}"#))
                    != nil
            }
            let result = try await ended
            #expect(answers, "\(result)")
        }
    }
}
