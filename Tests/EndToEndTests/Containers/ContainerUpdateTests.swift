import JSONRPC
import TestSupport
import Testing

@Suite struct ContainerUpdateTests {
    @Test func limitsChangeAtOnceAndForTheNextStart() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("run", "-d", "--name", "aa", "-m", "32m", "busybox", "sleep", "1d")
            try await engine.kenter("create", "--name", "bb", "busybox", "sleep", "1d")
            let both = try await engine.kenter([
                "update", "-m", "128m", "--cpus", "0.5", "--pids-limit", "7", "aa", "bb",
            ])
            #expect(both.output == "aa\nbb\n", "\(both)")
            #expect(try await engine.memoryLimit(of: "aa") == 134_217_728)
            let full = try await engine.kenter([
                "exec", "aa", "sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do sleep 9 & done; echo $?",
            ])
            #expect(full.errors.contains("fork"), "\(full)")

            // Lower again: what the kernel takes in another order.
            try await engine.kenter("update", "-m", "16m", "aa")
            #expect(try await engine.memoryLimit(of: "aa") == 16_777_216)
            let resources = try await engine.inspect("aa")["resources"]
            #expect(resources["memoryBytes"] == 16_777_216 && resources["pids"] == 7, "\(resources.text)")
            #expect(resources["cpus"].text == "0.5", "\(resources.text)")

            await engine.crash()
            try await engine.start()
            #expect(try await engine.inspect("aa")["resources"] == resources)
            try await engine.kenter("restart", "-t", "0", "aa")
            #expect(try await engine.memoryLimit(of: "aa") == 16_777_216)
            try await engine.kenter("start", "bb")
            #expect(try await engine.memoryLimit(of: "bb") == 134_217_728)

            try await engine.kenter("update", "-m", "0", "--pids-limit", "-1", "--cpus", "0", "bb")
            #expect(try await engine.inspect("bb")["resources"] == [:])
            #expect(try await engine.memoryLimit(of: "bb") != 134_217_728)
            let kinds = try await engine.call("events.history", ["since": 0])
            #expect(kinds.text.contains("container.updated"), "\(kinds.text)")
        }
    }

    @Test func whatTheKernelRefusesChangesNothing() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let fill = "head -c 20000000 /dev/zero > /dev/shm/full; echo full; sleep 1d"
            try await engine.kenter("run", "-d", "--name", "aa", "-m", "64m", "busybox", "sh", "-c", fill)
            #expect(await eventually { (try? await engine.kenter("logs", "aa")) == "full" })
            // Nothing of it can be dropped, and there is no room elsewhere where the host has no swap.
            let before = try await engine.inspect("aa")
            let result = try await engine.kenter(["update", "-m", "8m", "--restart", "always", "aa"])
            if result.exit == 0 { return }  // The host has swap.
            #expect(result.errors.contains("Cannot update container"), "\(result)")
            #expect(result.errors.contains("unable to set memory limit to 8388608 (current usage: "), "\(result)")
            let after = try await engine.inspect("aa")
            #expect(after["resources"] == before["resources"] && after["restart"] == before["restart"])
            #expect(try await engine.memoryLimit(of: "aa") == 67_108_864)
        }
    }

    @Test func restartPoliciesChangeWhatHappensNext() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("run", "-d", "--name", "aa", "busybox", "sleep", "1d")
            try await engine.kenter("update", "--restart", "on-failure:2", "aa")
            #expect(try await engine.inspect("aa")["restart"]["maxRetries"] == 2)
            _ = try await engine.host("kill", "-9", "\(try await engine.inspect("aa")["state"]["pid"].integer ?? 0)")
            #expect(
                await eventually {
                    let state = try? await engine.inspect("aa")["state"]
                    return state?["restartCount"].integer == 1 && state?["status"] == "running"
                })
            // One that fails again and again waits longer each time; it stays down as soon as nobody wants it up.
            try await engine.kenter("run", "-d", "--name", "bb", "--restart", "always", "busybox", "false")
            #expect(
                await eventually { (try? await engine.inspect("bb")["state"]["status"].string) == "restarting" })
            try await engine.kenter("update", "--restart", "no", "bb")
            #expect(
                await eventually { (try? await engine.inspect("bb")["state"]["status"].string) == "exited" })
        }
    }

    @Test func updatesAreRefusedInDockersWords() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("run", "-d", "--rm", "--name", "aa", "busybox", "sleep", "1d")
            let refusals: [([String], String)] = [
                (["--restart", "always", "aa"], "Restart policy cannot be updated because AutoRemove is enabled"),
                (["aa"], "you must provide one or more flags when using this command"),
                (["-m", "5m", "aa"], "Minimum memory limit allowed is 6MB"),
                (["--cpus", "4000", "aa"], "range of CPUs is from 0.01 to"),
                (["--restart", "sometimes", "aa"], "invalid restart policy"),
                (["-m", "64m", "nosuch"], "No such container: nosuch"),
            ]
            for (arguments, text) in refusals {
                try await engine.expectRefusal(["update"] + arguments, exit: 1, saying: text)
            }
            #expect(try await engine.inspect("aa")["resources"] == [:])
            let nothing = try await engine.call("container.update", ["container": "aa"])
            #expect(nothing["error"]["data"]["kind"] == "invalidParams", "\(nothing.text)")
        }
    }
}

extension TestEngine {
    fileprivate func memoryLimit(of container: String) async throws -> Int64? {
        try await call("container.stats", ["container": .string(container)])["result"]["memoryLimitBytes"]
            .integer
    }
}
