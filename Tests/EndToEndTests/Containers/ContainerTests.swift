import Glibc
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

    @Test func aLaterProcessGetsWhatItIsGiven() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("run", "-d", "--name", "aa", "busybox", "sleep", "1d")
            let capabilities = ["grep", "CapEff", "/proc/self/status"]
            #expect(try await engine.kenter(["exec", "aa"] + capabilities).output.contains("00000000800405fb"))
            // Every capability that the host has.
            let all = try await engine.kenter(
                "run", "--rm", "--privileged", "busybox", "grep", "CapEff", "/proc/self/status")
            #expect(try await engine.kenter(["exec", "--privileged", "aa"] + capabilities).line == all)
            #expect(!all.contains("00000000800405fb"))
            // crun says the size when the process may run already.
            let size = "for i in $(seq 500); do [ \"$(stty size)\" = '45 123' ] && break; sleep 0.01; done; stty size"
            let sized = try await engine.call(
                "container.exec",
                ["container": "aa", "command": ["sh", "-c", .string(size)], "tty": true, "columns": 123, "rows": 45])
            #expect(sized["result"]["stdout"].string?.contains("45 123") == true, "\(sized.text)")
            let refused = try await engine.call(
                "container.exec", ["container": "aa", "command": ["true"], "tty": true, "rows": 0])
            #expect(refused["error"]["data"]["kind"] == "invalidParams", "\(refused.text)")
        }
    }

    @Test func resolversAreTheHostsOrThoseThatWereChosen() async throws {
        let path = "/tmp/k\(UInt32.random(in: 0...0xffffff)).json"
        defer { unlink(path) }
        let host = TextFile.read("/etc/resolv.conf").split(separator: "\n").map(String.init)
        try await TestEngine.with(images: ["busybox"]) { engine in
            let seen = try await engine.kenter(["run", "--rm", "busybox", "cat", "/etc/resolv.conf"]).lines
            let reachable = host.filter {
                $0.hasPrefix("nameserver ") && !$0.hasPrefix("nameserver 127.") && $0 != "nameserver ::1"
            }
            #expect(seen.filter { $0.hasPrefix("nameserver") } == reachable)
            #expect(seen.filter { $0.hasPrefix("search") } == host.filter { $0.hasPrefix("search") })
        }
        try TextFile.write(#"{"dns":["192.0.2.53","2001:db8::53"]}"#, to: path)
        try await TestEngine.with(images: ["busybox"], arguments: ["--config", path]) { engine in
            for (options, expected) in [
                ([], ["nameserver 192.0.2.53", "nameserver 2001:db8::53"]),
                (["--dns", "192.0.2.54"], ["nameserver 192.0.2.54"]),
            ] {
                let seen = try await engine.kenter(["run", "--rm"] + options + ["busybox", "cat", "/etc/resolv.conf"])
                #expect(seen.lines.filter { $0.hasPrefix("nameserver") } == expected, "\(seen)")
            }
        }
    }

    @Test func anInitReapsAndPassesSignalsOn() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter(
                "run", "-d", "--init", "--name", "aa", "busybox", "sh", "-c",
                "trap 'exit 9' TERM; (true &); while :; do sleep 0.1; done")
            #expect(try await engine.kenter("exec", "aa", "cat", "/proc/1/comm") == "init")
            // One that ends while it is looked at makes cat fail.
            let processes = ["exec", "aa", "sh", "-c", "cat /proc/[0-9]*/stat; true"]
            let isReaped = try await eventually { !(try await engine.kenter(processes)).output.contains(" Z ") }
            #expect(isReaped)
            try await engine.kenter("stop", "aa")
            #expect(try await engine.inspect("aa")["state"]["exitCode"] == 9)
        }
    }

    @Test func aReaderThatStopsReadingHoldsUpNoEnd() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("run", "-d", "--name", "aa", "busybox", "sh", "-c", "sleep 1; yes")
            let client = try engine.connect()
            await client.send(
                #"{"jsonrpc":"2.0","id":1,"method":"container.attach","params":{"container":"aa","stream":"s"}}"#)
            _ = try await client.receive()
            let log = try await engine.inspect("aa")["logPath"].string ?? ""
            // Nothing grants this client credit: sooner or later its part of the pipe is full, and the container waits.
            var size = -1
            let isStill = await eventually {
                let now = TextFile.read(log).utf8.count
                defer { size = now }
                return now == size && now > 0
            }
            #expect(isStill)
            try await engine.kenter("stop", "-t", "0", "aa", within: .seconds(10))
            #expect(try await engine.inspect("aa")["state"]["exitCode"] == 137)
        }
    }

    @Test func attachAnswersAtTheEndOfTheProcessItJoined() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter(
                "run", "-d", "--name", "aa", "--restart", "always", "busybox", "sh", "-c", "sleep 1; exit 5")
            let attached = try await engine.kenter(["attach", "aa"], within: .seconds(10))
            #expect(attached.exit == 5, "\(attached)")
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
            let top = try await engine.kenter("top", "aa")
            #expect(
                top.split(separator: "\n").first?.split(separator: " ") == [
                    "UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD",
                ])
            #expect(top.contains("root") && top.contains("sleep 1d"), "\(top)")
        }
    }

    @Test func statsCountWhatAContainerUses() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter(
                "run", "-d", "--name", "busy", "-m", "64m", "busybox", "sh", "-c", "while :; do :; done")
            try await engine.kenter("run", "-d", "--name", "idle", "--network", "none", "busybox", "sleep", "1d")
            let first = try await engine.call("container.stats", ["container": "busy"])["result"]
            #expect(first["name"] == "busy" && first["memoryLimitBytes"] == 67_108_864, "\(first.text)")
            #expect((1...2).contains(first["pids"].integer ?? 0), "\(first.text)")
            #expect((1...67_108_864).contains(first["memoryUsageBytes"].integer ?? 0), "\(first.text)")
            #expect(first["networks"]["bridge"]["rxBytes"].integer != nil, "\(first.text)")
            let used = try #require(first["cpuNanoseconds"].integer)
            let grew = await eventually {
                let now = try? await engine.call("container.stats", ["container": "busy"])["result"]
                return (now?["cpuNanoseconds"].integer ?? 0) > used + 100_000_000
            }
            #expect(grew)
            let idle = try await engine.call("container.stats", ["container": "idle"])["result"]
            #expect(idle["networks"].object?.isEmpty == true, "\(idle.text)")
            let table = try await engine.kenter("stats", "--no-stream").split(separator: "\n").map(String.init)
            #expect(table.count == 3 && table[0].hasPrefix("CONTAINER ID   NAME      CPU %"), "\(table)")
            #expect(table.contains { $0.contains("busy") && $0.contains(" / 64MiB") }, "\(table)")
            // Counters that do not come are left out, long before a plugin counts as gone.
            let plugin = try #require(
                PluginProcesses.named("network-routed", childrenOf: engine.processIdentifier).first)
            await PluginProcesses.halt(plugin)
            let without = try await engine.kenter(["stats", "--no-stream"], within: .seconds(20))
            kill(plugin, SIGCONT)
            #expect(without.exit == 0 && without.output.contains(" 0B / 0B "), "\(without)")
            try await engine.kenter("stop", "-t", "0", "idle")
            let refused = try await engine.kenter(["stats", "--no-stream", "idle"])
            #expect(refused.exit == 1 && refused.errors.contains("is not running"), "\(refused)")
        }
    }

    @Test func inputStaysOpenForTheNextClientUnlessItWasOneCommands() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("run", "-d", "-i", "--name", "open", "busybox", "cat")
            for word in ["first", "second"] {
                _ = try await engine.kenter(["attach", "open"], input: "\(word)\n", within: .seconds(2))
                #expect(try await eventually { try await engine.kenter("logs", "open").contains(word) }, "\(word)")
            }
            #expect(try await engine.inspect("open")["state"]["status"] == "running")
            // One command's input ends with it.
            let piped = try await engine.kenter(["run", "--rm", "-i", "busybox", "cat"], input: "all of it\n")
            #expect(piped.exit == 0 && piped.output == "all of it\n", "\(piped)")
        }
    }

    @Test func aTerminalThatWasLeftTakesInputAgain() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("run", "-d", "-i", "-t", "--name", "shell", "busybox", "sh")
            let kenter = BuildProducts.executable("kenter")
            for word in ["one", "two"] {
                // Ctrl-P Ctrl-Q leaves it.
                let typed = "sleep 1; printf 'echo typed-\(word)\\n'; sleep 1; printf '\\020\\021'; sleep 1"
                let left = try await Command.run(
                    ["sh", "-c", "(\(typed)) | script -qec '\(kenter) attach shell' /dev/null"],
                    environment: engine.environment)
                #expect(left.output.contains("typed-\(word)"), "\(left)")
                #expect(try await engine.inspect("shell")["state"]["status"] == "running")
            }
            let lines = try await engine.kenter("logs", "shell").split(whereSeparator: \.isNewline)
            #expect(lines.contains("typed-one") && lines.contains("typed-two"), "\(lines)")
        }
    }

    @Test(arguments: [("nosuch", 127), ("/etc", 126)])
    func aCommandThatCannotBeRunSaysSoByItsStatusAlsoDetached(_ command: String, _ status: Int) async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let result = try await engine.kenter(["run", "-d", "busybox", command])
            #expect(result.exit == status && !result.errors.contains("--help"), "\(result)")
        }
    }
}
