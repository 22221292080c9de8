import Glibc
import JSONRPC
import TestSupport
import Testing

@Suite struct HealthTests {
    private static let often = ["--health-interval", "100ms", "--health-retries", "2"]

    private static func health(_ engine: TestEngine, _ container: String) async throws -> String? {
        try await engine.inspect(container)["state"]["health"]["status"].string
    }

    @Test func healthFollowsTheCommandAndShowsEverywhere() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let test = "echo looked; test -e /ok"
            let run = ["run", "-d", "--name", "aa", "--health-cmd", test] + Self.often
            #expect(try await engine.kenter(run + ["busybox", "sleep", "1d"]).exit == 0)
            let sick = try await eventually { try await Self.health(engine, "aa") == "unhealthy" }
            #expect(sick)
            #expect(try await engine.kenter("ps").contains("(unhealthy)"))
            try await engine.kenter("exec", "aa", "touch", "/ok")
            #expect(try await engine.kenter("wait", "--until", "healthy", "aa", within: .seconds(20)) == "running")
            #expect(try await engine.kenter("ps").contains("(healthy)"))
            let five = try await eventually {
                try await engine.inspect("aa")["state"]["health"]["results"].array?.count == 5
            }
            #expect(five)
            let last = try await engine.inspect("aa")["state"]["health"]["results"][4]
            #expect(last["exitCode"] == 0 && last["output"] == "looked\n", "\(last)")
            let history = try await engine.call("events.history")["result"]["events"].array ?? []
            let told = history.filter { $0["kind"] == "container.health" }.map { $0["attributes"]["health"].string }
            #expect(told == ["unhealthy", "healthy"])
            // A new start is a new beginning.
            try await engine.kenter("restart", "-t", "0", "aa")
            try await engine.kenter("exec", "aa", "true")
            try await engine.kenter("stop", "-t", "0", "aa")
            #expect(!(try await engine.kenter("ps", "-a").contains("healthy")))
        }
    }

    @Test func aCheckThatHangsIsKilledWithAllItStarted() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let run = ["run", "-d", "--name", "aa", "--health-cmd", "sleep 777; true", "--health-timeout", "200ms"]
            #expect(try await engine.kenter(run + Self.often + ["busybox", "sleep", "1d"]).exit == 0)
            let sick = try await eventually { try await Self.health(engine, "aa") == "unhealthy" }
            #expect(sick)
            let result = try await engine.inspect("aa")["state"]["health"]["results"][0]
            #expect(result["exitCode"] == -1)
            #expect(result["output"] == "Health check exceeded timeout (0.2s)")
            // While one check hangs there is one of it; those before are gone.
            let left = try await engine.kenter("top", "aa").split(separator: "\n").filter { $0.contains("sleep 777") }
            #expect(left.count <= 2, "\(left)")
        }
    }

    @Test func aPausedContainerIsNotChecked() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let run = ["run", "-d", "--name", "aa", "--health-cmd", "echo x >>/checks"] + Self.often
            #expect(try await engine.kenter(run + ["busybox", "sleep", "1d"]).exit == 0)
            try await engine.kenter("wait", "--until", "healthy", "aa")
            try await engine.kenter("pause", "aa")
            let before = try await engine.inspect("aa")["state"]["health"]
            #expect(try await engine.kenter("ps").contains("(Paused)"))
            // Several intervals of another container's checks go by.
            let other = ["run", "-d", "--name", "bb", "--health-cmd", "true"] + Self.often
            #expect(try await engine.kenter(other + ["busybox", "sleep", "1d"]).exit == 0)
            let five = try await eventually {
                try await engine.inspect("bb")["state"]["health"]["results"].array?.count == 5
            }
            #expect(five)
            #expect(try await engine.inspect("aa")["state"]["health"] == before)
            try await engine.kenter("unpause", "aa")
            let again = try await eventually { try await engine.inspect("aa")["state"]["health"] != before }
            #expect(again)
            #expect(try await Self.health(engine, "aa") == "healthy")
        }
    }

    @Test func checksGoOnUnderANewEngine() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let run = ["run", "-d", "--name", "aa", "--health-cmd", "test -e /ok"] + Self.often
            #expect(try await engine.kenter(run + ["busybox", "sh", "-c", "touch /ok; sleep 1d"]).exit == 0)
            try await engine.kenter("wait", "--until", "healthy", "aa")
            await engine.crash()
            try await engine.start()
            #expect(try await Self.health(engine, "aa") == "healthy")
            try await engine.kenter("exec", "aa", "rm", "/ok")
            let sick = try await eventually { try await Self.health(engine, "aa") == "unhealthy" }
            #expect(sick)
        }
    }

    @Test func theImagesHealthcheckIsRunUnlessItIsRefused() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let archive = try await Command.succeed([BuildProducts.fixture("images/build"), "busybox"]).line
            try await engine.kenter(
                "import", "--change", "ENV PATH=/usr/sbin:/usr/bin:/sbin:/bin", "--change",
                "HEALTHCHECK --interval=100ms --retries=1 CMD false", archive, "checked")
            try await engine.kenter("run", "-d", "--name", "aa", "checked", "sleep", "1d")
            try await engine.kenter("run", "-d", "--name", "none", "--no-healthcheck", "checked", "sleep", "1d")
            try await engine.kenter("run", "-d", "--name", "own", "--health-cmd", "true", "checked", "sleep", "1d")
            let sick = try await eventually { try await Self.health(engine, "aa") == "unhealthy" }
            #expect(sick)
            try await engine.kenter("wait", "--until", "healthy", "own")
            #expect(try await engine.inspect("none")["state"]["health"] == .null)
            let refused = try await engine.kenter(["wait", "--until", "healthy", "none"])
            #expect(refused.exit == 1 && refused.errors.contains("container none has no healthcheck"), "\(refused)")
        }
    }
}
