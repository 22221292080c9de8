import JSONRPC
import TestSupport
import Testing

@Suite struct LinkWaitTests {
    /// A database that is slow to come up: it is healthy, and listens, once /ready is there.
    private static let database = ["sh", "-c", "while ! test -e /ready; do sleep 0.1; done; exec httpd -f -p 3306"]

    private static func startDatabase(_ engine: TestEngine) async throws {
        let options = [
            "run", "-d", "--name", "db", "--expose", "3306", "--health-cmd", "test -e /ready", "--health-interval",
            "100ms", "--health-start-period", "1m", "--health-start-interval", "100ms", "busybox",
        ]
        #expect(try await engine.kenter(options + database).exit == 0)
    }

    private static func run(_ option: String, _ engine: TestEngine) async throws -> CommandResult {
        try await engine.kenter(
            ["run", "-d", "--name", "web", "--link", "db:db,\(option)", "busybox", "sleep", "1d"], within: .seconds(30))
    }

    /// Nothing is left of a run that could not start. (Checks of the source's health come and go meanwhile.)
    private static func expectNoStart(_ engine: TestEngine, _ arguments: [String], saying text: String) async throws {
        let result = try await engine.kenter(arguments)
        #expect(result.exit == 125 && result.errors.contains(text), "\(result)")
        #expect(try await engine.kenter("ps", "-aq").split(separator: "\n").count == 1)
    }

    private static func waits(_ engine: TestEngine, for text: String) async throws -> Bool {
        try await eventually { try await engine.kenter("ps").contains("(waiting for \(text))") }
    }

    @Test(arguments: [("wait=healthy", "db to be healthy"), ("wait=tcp", "db to accept connections on port 3306/tcp")])
    func aStartWaitsUntilItsSourceIsReady(_ option: String, _ text: String) async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await Self.startDatabase(engine)
            async let started = Self.run(option, engine)
            #expect(try await Self.waits(engine, for: text))
            #expect(try await engine.inspect("web")["state"]["reason"].string == "waiting for \(text)")
            #expect(try await engine.inspect("web")["state"]["status"] == "created")
            try await engine.kenter("exec", "db", "touch", "/ready")
            let result = try await started
            #expect(result.exit == 0, "\(result)")
            let state = try await engine.inspect("web")["state"]
            #expect(state["status"] == "running" && state["reason"] == .null, "\(state)")
            let events = try await engine.call("events.history")["result"]["events"].array ?? []
            let waiting = events.filter { $0["kind"] == "container.waiting" }
            #expect(waiting.last?["attributes"]["for"].string == text, "\(waiting)")
        }
    }

    @Test func aSourceThatDoesNotRunIsWaitedFor() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("create", "--name", "db", "busybox", "sleep", "1d")
            async let started = Self.run("wait=started", engine)
            #expect(try await Self.waits(engine, for: "db to start"))
            try await engine.kenter("start", "db")
            let result = try await started
            #expect(result.exit == 0, "\(result)")
            #expect(try await engine.kenter("exec", "web", "sh", "-c", "echo $DB_NAME") == "/web/db")
        }
    }

    @Test func theWaitEndsAtItsDeadlineWithTheReason() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await Self.startDatabase(engine)
            try await Self.expectNoStart(
                engine, ["run", "-d", "--link", "db:db,wait=healthy,wait-timeout=300ms", "busybox", "sleep", "1d"],
                saying: "it was still waiting for db to be healthy after 0.3s")
            try await Self.expectNoStart(
                engine, ["run", "-d", "--link", "db:db,wait=tcp,wait-timeout=300ms", "busybox", "sleep", "1d"],
                saying: "it was still waiting for db to accept connections on port 3306/tcp after 0.3s")
        }
    }

    @Test(arguments: [["stop", "web"], ["kill", "web"], ["rm", "-f", "web"], ["rm", "web"]])
    func whoeverEndsTheConsumerEndsTheWait(_ command: [String]) async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await Self.startDatabase(engine)
            try await engine.kenter(
                "create", "--name", "web", "--link", "db:db,wait=healthy", "busybox", "sleep", "1d")
            async let started = engine.kenter(["start", "web"], within: .seconds(30))
            #expect(try await Self.waits(engine, for: "db to be healthy"))
            let ended = try await engine.kenter(command)
            #expect(ended.exit == 0, "\(ended)")
            let result = try await started
            #expect(result.exit == 1 && result.errors.split(separator: "\n").count == 1, "\(result)")
            if command[0] != "rm" {
                #expect(try await engine.inspect("web")["state"]["status"] == "created")
                #expect(!(try await engine.kenter("ps")).contains("web"))
            }
        }
    }

    @Test func aCallThatIsCancelledEndsTheWait() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await Self.startDatabase(engine)
            let client = try engine.connect()
            await client.send(
                #"{"jsonrpc":"2.0","id":1,"method":"container.run","params":{"image":"busybox","name":"web","#
                    + #""command":["sleep","1d"],"links":["db:db,wait=healthy"]}}"#)
            #expect(try await Self.waits(engine, for: "db to be healthy"))
            await client.send(#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}"#)
            let answer = try JSONValue(text: try await client.receive() ?? "null")
            #expect(answer["error"]["code"] == -32800, "\(answer)")
            #expect(try await engine.kenter("ps", "-aq").split(separator: "\n").count == 1)
        }
    }

    @Test func aSourceThatCannotBecomeReadyIsNamed() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let options = [
                "run", "-d", "--name", "db", "--expose", "3306", "--health-cmd", "echo no disk; false",
                "--health-interval", "100ms", "--health-retries", "1",
            ]
            #expect(try await engine.kenter(options + ["busybox", "sleep", "1d"]).exit == 0)
            let sick = try await eventually {
                try await engine.inspect("db")["state"]["health"]["status"] == "unhealthy"
            }
            #expect(sick)
            try await Self.expectNoStart(
                engine, ["run", "-d", "--name", "web", "--link", "db,wait=healthy", "busybox", "sleep", "1d"],
                saying: "cannot start web, which waits for its link db: db is unhealthy: no disk")
            try await engine.kenter("rm", "-f", "db")
            try await engine.kenter("run", "-d", "--name", "plain", "busybox", "sleep", "1d")
            try await engine.expectRefusal(
                ["run", "-d", "--link", "plain,wait=healthy", "busybox", "sleep", "1d"], saying: "it has no healthcheck"
            )
            try await engine.expectRefusal(
                ["run", "-d", "--link", "plain,wait=tcp", "busybox", "sleep", "1d"], saying: "it exposes no tcp port")
        }
    }

    @Test func oneCallStartsSourcesBeforeConsumers() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("create", "--name", "db", "busybox", "sleep", "1d")
            try await engine.kenter("create", "--name", "web", "--link", "db,wait=started", "busybox", "sleep", "1d")
            try await engine.kenter("create", "--name", "proxy", "--link", "web", "busybox", "sleep", "1d")
            try await engine.kenter("start", "proxy", "web", "db")
            #expect(try await engine.kenter("exec", "proxy", "sh", "-c", "echo $WEB_NAME") == "/proxy/web")
        }
    }
}
