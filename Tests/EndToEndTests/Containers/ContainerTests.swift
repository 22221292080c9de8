import JSONRPC
import TestSupport
import Testing

@Suite struct ContainerTests {
    @Test(
        arguments: [
            (["sh", "-c", "exit 7"], 7), (["sh", "-c", "kill -9 $$"], 137), (["true"], 0),
            (["sh", "-c", "kill -TERM $$; sleep 5"], 143),
        ] as [([String], Int32)])
    func runExitsAsItsCommandDid(_ command: [String], _ code: Int32) async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            // The command is not the first process: what that one sends to itself is ignored.
            let result = try await engine.kenter(
                ["run", "--rm", "busybox", "sh", "-c", "\"$@\"; exit $?", "-"] + command)
            #expect(result.exit == code, "\(result)")
            #expect(try await engine.kenter("ps", "-aq").isEmpty)
        }
    }

    @Test func theVerbsMoveAContainerThroughItsLife() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            func status() async throws -> String? { try await engine.inspect("aa")["state"]["status"].string }
            try await engine.kenter(
                "create", "--name", "aa", "busybox", "sh", "-c", "trap 'exit 3' TERM; while :; do sleep 0.1; done")
            #expect(try await status() == "created")
            try await engine.kenter("start", "aa")
            #expect(try await status() == "running")
            try await engine.kenter("pause", "aa")
            #expect(try await status() == "paused")
            try await engine.kenter("unpause", "aa")
            try await engine.kenter("rename", "aa", "bb")
            try await engine.kenter("rename", "bb", "aa")
            try await engine.kenter("stop", "aa")
            #expect(try await status() == "exited")
            #expect(try await engine.inspect("aa")["state"]["exitCode"] == 3)
            #expect(try await engine.kenter("wait", "aa") == "3")
            try await engine.kenter("restart", "aa")
            try await engine.kenter("kill", "aa")
            #expect(try await engine.kenter("wait", "aa") == "137")
            try await engine.kenter("rm", "aa")
            let gone = try await engine.kenter(["inspect", "aa"])
            #expect(gone.exit == 1, "\(gone)")
        }
    }

    @Test func whatARunIsGivenShowsInside() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try TextFile.write("FROM_FILE=1\n# comment\nOTHER=a b\n", to: "\(engine.directory)/env")
            let script = "id -u; pwd; hostname; env | sort; grep extra /etc/hosts; touch /x 2>&1"
            let result = try await engine.kenter([
                "run", "--rm", "-e", "A=b", "--env-file", "\(engine.directory)/env", "--hostname", "inside", "-w",
                "/tmp", "-u",
                "65534:65534", "--add-host", "extra:10.1.2.3", "--read-only", "--label", "l=1", "--entrypoint", "sh",
                "busybox",
                "-c", script,
            ])
            for line in [
                "65534", "/tmp", "inside", "A=b", "FROM_FILE=1", "OTHER=a b", "10.1.2.3\textra", "HOSTNAME=inside",
            ] {
                #expect(result.lines.contains(line), "\(line)\n\(result)")
            }
            #expect(result.output.contains("Read-only file system"), "\(result)")
        }
    }

    @Test func inputAndOutputFlowBothWays() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let cat = try await engine.kenter(
                ["run", "--rm", "-i", "busybox", "cat"], input: "first\nlast without newline")
            #expect(cat.output == "first\nlast without newline", "\(cat)")
            let both = try await engine.kenter(["run", "--rm", "busybox", "sh", "-c", "echo out; echo err >&2"])
            #expect(both.output == "out\n" && both.errors == "err\n", "\(both)")
            let big = try await engine.kenter([
                "run", "--rm", "busybox", "sh", "-c", "yes 0123456789 | head -c 3000000",
            ])
            #expect(big.output.utf8.count == 3_000_000)
            try await engine.kenter(
                "run", "-d", "--name", "aa", "busybox", "sh", "-c", "echo one; echo two >&2; sleep 1d")
            let exec = try await engine.kenter(["exec", "-i", "aa", "sh", "-c", "cat; exit 4"], input: "to exec")
            #expect(exec.output == "to exec" && exec.exit == 4, "\(exec)")
            let logged = try await eventually { try await engine.kenter(["logs", "aa"]).lines == ["one"] }
            #expect(logged)
            #expect(try await engine.kenter(["logs", "aa"]).errors == "two\n")
            #expect(try await engine.kenter(["exec", "aa", "/nosuch"]).exit == 127)
            #expect(try await engine.kenter(["exec", "aa", "/etc"]).exit == 126)
            let followed = try await engine.kenter([
                "run", "-d", "--name", "ff", "busybox", "sh", "-c", "for i in 1 2 3; do echo $i; done",
            ])
            #expect(followed.exit == 0)
            #expect(try await engine.kenter("logs", "-f", "ff") == "1\n2\n3")
        }
    }

    @Test func aTerminalIsGivenWhenAskedFor() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("run", "-d", "--name", "aa", "busybox", "sleep", "1d")
            let kenter = BuildProducts.executable("kenter")
            for (command, expected) in [
                ("\(kenter) exec -it aa sh -c 'tty; echo $TERM'", ["/dev/pts/0", "xterm"]),
                ("\(kenter) run --rm -it busybox sh -c 'tty; stty size; echo $TERM'", ["/dev/pts/0", "xterm"]),
            ] {
                let result = try await Command.run(
                    ["script", "--quiet", "--return", "--command", command, "/dev/null"],
                    environment: engine.environment)
                #expect(result.exit == 0, "\(result)")
                for text in expected { #expect(result.output.contains(text), "\(result)") }
            }
        }
    }

    @Test func restartPoliciesBringAContainerBack() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("run", "-d", "--name", "always", "--restart", "always", "busybox", "sleep", "1d")
            try await engine.kenter("run", "-d", "--name", "twice", "--restart", "on-failure:2", "busybox", "false")
            let pid = try await engine.inspect("always")["state"]["pid"].integer ?? 0
            _ = try await Command.run(["kill", "-9", String(pid)])
            let back = try await eventually {
                let state = try await engine.inspect("always")["state"]
                return state["status"] == "running" && state["pid"].integer != Int64(pid)
            }
            #expect(back)
            let gaveUp = try await eventually {
                let state = try await engine.inspect("twice")["state"]
                return state["status"] == "exited" && state["restartCount"] == 2
            }
            #expect(gaveUp)
            try await engine.kenter("stop", "-t", "0", "always")
            #expect(try await engine.inspect("always")["state"]["status"] == "exited")
        }
    }

    @Test func aContainerIsConfined() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let status = try await engine.kenter("run", "--rm", "busybox", "cat", "/proc/self/status")
            #expect(status.contains("Seccomp:\t2"))
            #expect(status.contains("CapEff:\t00000000800405fb"), "\(status)")
            let disk = try await engine.kenter([
                "run", "--rm", "--cap-add", "MKNOD", "busybox", "sh", "-c",
                "mknod /d b 254 0 && head -c 1 /d; mknod /v b 8 0 && head -c 1 /v",
            ])
            #expect(disk.exit != 0 && disk.errors.contains("Operation not permitted"), "\(disk)")
            #expect(try await engine.kenter(["run", "--rm", "busybox", "mknod", "/d", "b", "8", "0"]).exit != 0)
            #expect(
                try await engine.kenter(["run", "--rm", "busybox", "sh", "-c", "echo x >/proc/sys/kernel/hostname"])
                    .exit != 0)
            #expect(try await engine.kenter("run", "--rm", "busybox", "sh", "-c", "cat /proc/kcore | wc -c") == "0")
            let killed = try await engine.kenter([
                "run", "--rm", "-m", "16m", "busybox", "dd", "if=/dev/zero", "of=/dev/shm/x", "bs=1M", "count=48",
            ])
            #expect(killed.exit == 137, "\(killed)")
            let forks = try await engine.kenter([
                "run", "--rm", "--pids-limit", "5", "busybox", "sh", "-c",
                "for i in 1 2 3 4 5 6 7 8; do sleep 1 & done; wait",
            ])
            #expect(forks.errors.contains("fork"), "\(forks)")
        }
    }

    @Test func listingsAreJSONWhenAsked() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter(
                "run", "-d", "--name", "aa", "-p", "8000:80", "-v", "vv:/v", "busybox", "sleep", "1d")
            for command in [
                ["ps"], ["images"], ["volume", "ls"], ["network", "ls"], ["link", "ls"], ["plugin", "ls"],
            ] {
                let result = try await engine.kenter(command + ["--json"])
                #expect(result.exit == 0, "\(result)")
                #expect(throws: Never.self, "\(result)") { try JSONValue(text: result.output) }
            }
            #expect(try await engine.kenter("port", "aa").contains("80/tcp -> 0.0.0.0:8000"))
            #expect(try await engine.kenter("top", "aa").contains("sleep 1d"))
        }
    }
}
