import CLinux
import Glibc
import JSONRPC
import TestSupport
import Testing

@Suite struct PluginCrashTests {
    @Test(arguments: ["network-routed", "storage-overlay", "link-legacy"])
    func aPluginKilledInTheMiddleOfACallFailsThatCallAndComesBack(_ plugin: String) async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("run", "-d", "--name", "src", "--expose", "80", "busybox", "sleep", "1d")
            let command = ["run", "-d", "--name", "web", "--link", "src:db", "busybox", "sleep", "1d"]
            guard let pid = PluginProcesses.named(plugin, childrenOf: engine.processIdentifier).first else {
                Issue.record("\(plugin) does not run")
                return
            }
            let before = try await Footprint(of: engine)
            // A stopped plugin reads nothing: once its input holds bytes, a call is under way and stays so.
            await PluginProcesses.halt(pid)
            async let running = engine.kenter(command)
            let isCalled = await eventually { PluginProcesses.pendingInput(of: pid) > 0 }
            #expect(isCalled)
            kill(pid, SIGKILL)
            let result = try await running
            #expect(result.exit == 125, "\(result)")
            #expect(result.errors.contains(plugin), "\(result)")
            let undone = try await eventually { try await Footprint(of: engine) == before }
            #expect(undone)
            let isBack = try await eventually(within: .seconds(20)) { try await engine.kenter(command).exit == 0 }
            #expect(isBack)
            #expect(try await engine.kenter("exec", "web", "grep", "-c", "-w", "db", "/etc/hosts") == "1")
            #expect(try await engine.inspect("src")["state"]["status"] == "running")
        }
    }

    @Test func containersRunOnWhenEveryPluginDies() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.serve("src", expose: ["80"])
            try await engine.kenter("run", "-d", "--name", "web", "--link", "src:db", "busybox", "sleep", "1d")
            for plugin in ["network-routed", "storage-overlay", "link-legacy"] {
                for pid in PluginProcesses.named(plugin, childrenOf: engine.processIdentifier) { kill(pid, SIGKILL) }
            }
            let (address, pid) = (
                try await engine.address(of: "src"), try await engine.inspect("web")["state"]["pid"].integer ?? 0
            )
            // Not with exec: that asks the link's provider for fresh variables.
            let page = try await Command.run(
                ["nsenter", "--net=/proc/\(pid)/ns/net", "--", "curl", "-s", "-m", "2", "http://\(address)/nosuch"])
            #expect(page.exit == 0, "\(page)")
            let restarted = try await eventually(within: .seconds(20)) {
                try await engine.kenter(["restart", "-t", "0", "src"]).exit == 0
            }
            #expect(restarted)
            let isServed = try await eventually {
                try await engine.kenter(["exec", "web", "nettool", "tcp", engine.address(of: "src"), "80"]).exit == 0
            }
            #expect(isServed)
        }
    }
}
