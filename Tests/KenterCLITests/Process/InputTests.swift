import ChildProcess
import Glibc
import JSONRPC
import KenterProtocol
import Synchronization
import TestSupport
import Testing

/// What the built `kenter` does when its input or its terminal goes wrong, or a signal ends it.
@Suite struct InputTests {
    private func shell(_ engine: FakeEngine, _ script: String) async throws -> CommandResult {
        try await Command.run(["sh", "-c", script], environment: Self.environment(engine))
    }

    private static func environment(_ engine: FakeEngine) -> [String] {
        [
            "PATH=\(ChildProcess.searchPath)", "KENTER_HOST=unix://\(engine.socket)",
            "K=\(BuildProducts.executable("kenter"))",
        ]
    }

    /// Answers never, and says when it was told to give up.
    private static func patient(_ isCancelled: @escaping @Sendable () -> Void) -> FakeEngine.Answer {
        { _, _ in
            do { try await Task.sleep(for: .seconds(60)) } catch {
                isCancelled()
                throw error
            }
            return [:]
        }
    }

    @Test(
        arguments: [
            ("$K load -i /tmp", "image.load", "/tmp"), ("$K load < /tmp", "image.load", "standard input"),
            ("$K import /tmp web", "image.import", "/tmp"),
            ("$K cp - web:/ < /tmp", "container.copyIn", "standard input"),
        ])
    func `input that cannot be read is not half of a file`(_ script: String, _ method: String, _ name: String)
        async throws
    {
        let cancelled = Atomic(0)
        let ended = Atomic(0)
        let listener: FakeEngine.Listener = { notification, _ in
            let data = try? JSONValueDecoder().decode(StreamData.self, from: notification.params)
            if data?.eof == true { ended.add(1, ordering: .relaxed) }
        }
        let answer = Self.patient { cancelled.add(1, ordering: .relaxed) }
        try await FakeEngine.with([method: answer], notified: listener) { engine in
            let result = try await shell(engine, script)
            #expect(result.errors == "kenter: cannot read \(name): Is a directory\n")
            #expect(result.exit == 1)
            #expect(await eventually { cancelled.load(ordering: .relaxed) == 1 })
            #expect(ended.load(ordering: .relaxed) == 0)
        }
    }

    @Test func `a command whose input cannot be read is left`() async throws {
        try await FakeEngine.with(["container.exec": Self.patient {}]) { engine in
            let result = try await shell(engine, "$K exec -i web cat < /tmp")
            #expect(result.errors == "kenter: cannot read standard input: Is a directory\n")
            #expect(result.exit == 1)
        }
    }

    /// Sends a signal to the process that the file names, then waits for its end.
    private static func signalling(_ number: Int32, _ file: String) -> FakeEngine.Answer {
        { _, _ in
            guard let pid = pid_t(TextFile.read(file).filter(\.isNumber)) else { throw CommandFailure("no pid") }
            kill(pid, number)
            try await Task.sleep(for: .seconds(60))
            return [:]
        }
    }

    @Test(arguments: [SIGTERM, SIGHUP, SIGINT])
    func `a signal leaves the terminal as it was`(_ number: Int32) async throws {
        let file = "/tmp/ki\(UInt64.random(in: 0...UInt64.max))"
        defer { unlink(file) }
        try await FakeEngine.with(["container.exec": Self.signalling(number, file)]) { engine in
            let script =
                "before=$(stty -g); sh -c 'echo $$ > \(file); exec $K exec -it web sh'; echo status=$?; "
                + "[ \"$before\" = \"$(stty -g)\" ] && echo same"
            let result = try await Command.run(
                ["script", "--quiet", "--return", "--command", script, "/dev/null"],
                environment: Self.environment(engine))
            #expect(result.output.contains("status=\(128 + number)"), "\(result)")
            #expect(result.output.contains("same"), "\(result)")
        }
    }

    @Test func `who leaves exec by keys is told that its command is gone`() async throws {
        let fifo = "/tmp/ki\(UInt64.random(in: 0...UInt64.max))"
        #expect(mkfifo(fifo, 0o600) == 0)
        defer { unlink(fifo) }
        let exec: FakeEngine.Answer = { _, _ in
            // The terminal is raw by now, so that both keys arrive.
            try TextFile.write("\u{10}\u{11}", to: fifo)
            try await Task.sleep(for: .seconds(60))
            return [:]
        }
        try await FakeEngine.with(["container.exec": exec]) { engine in
            let result = try await shell(
                engine, "exec 3<>\(fifo); script --quiet --return --command '$K exec -it web sh' /dev/null <&3")
            #expect(result.output.contains("read escape sequence: the command was killed with its terminal"))
            #expect(result.exit == 0)
        }
    }

    @Test func `rpc says that its input cannot be read`() async throws {
        try await FakeEngine.with([:]) { engine in
            let result = try await shell(engine, "$K rpc < /tmp")
            #expect(result.errors == "kenter: cannot read standard input: Is a directory\n")
            #expect(result.exit == 1)
        }
    }

    @Test(arguments: ["stop", "restart"])
    func `who interrupts is told what becomes of it`(_ verb: String) async throws {
        let file = "/tmp/ki\(UInt64.random(in: 0...UInt64.max))"
        defer { unlink(file) }
        try await FakeEngine.with(["container.\(verb)": Self.signalling(SIGINT, file)]) { engine in
            let result = try await shell(engine, "echo $$ > \(file); exec $K \(verb) web")
            #expect(result.errors.hasPrefix("kenter: interrupted: the engine was told to give up"))
            #expect(result.exit == 130)
        }
    }
}
