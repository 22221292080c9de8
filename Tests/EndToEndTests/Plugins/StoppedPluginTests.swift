import Glibc
import TestSupport
import Testing

@Suite struct StoppedPluginTests {
    /// Every plugin is stopped: whoever asked one would wait for it.
    @Test func whoLooksAsksNoPlugin() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("network", "create", "front")
            try await engine.kenter("run", "-d", "--name", "src", "--expose", "80", "busybox", "sleep", "1d")
            try await engine.kenter(
                "run", "-d", "--name", "web", "--link", "src:db", "-v", "data:/d", "-p", "8000:80", "busybox", "sleep",
                "1d")
            let plugins = ["network-routed", "storage-overlay", "link-legacy"].flatMap {
                PluginProcesses.named($0, childrenOf: engine.processIdentifier)
            }
            #expect(plugins.count == 3)
            for plugin in plugins { kill(plugin, SIGSTOP) }
            defer { for plugin in plugins { kill(plugin, SIGCONT) } }
            for look in [
                "ps -a", "inspect web src", "port web", "images", "image inspect busybox", "volume ls",
                "volume inspect data", "network ls", "network inspect bridge front", "link ls", "link inspect web/db",
                "link graph", "plugin ls", "plugin inspect network-routed storage-overlay link-legacy", "logs web",
            ] {
                let result = try await engine.kenter(look.split(separator: " ").map(String.init), within: .seconds(20))
                #expect(result.exit == 0, "\(look): \(result)")
            }
            for plugin in plugins { #expect(PluginProcesses.pendingInput(of: plugin) == 0) }
        }
    }
}
