import CLinux
import Glibc
import JSONRPC
import TestSupport
import Testing

/// An engine that dies while its network provider works: the next one finishes or undoes what was under way.
@Suite struct NetworkRecoveryTests {
    @Test(arguments: [
        (["network", "create", "made"], ["back", "bridge", "front"], ["back", "front"]),
        (["network", "rm", "back"], ["bridge", "front"], ["front"]),
        (["network", "connect", "bridge", "aa"], ["back", "bridge", "front"], ["back", "front"]),
        (["network", "disconnect", "front", "aa"], ["back", "bridge", "front"], ["back"]),
    ])
    func whatWasUnderWayIsFinishedOrUndone(_ command: [String], _ networks: [String], _ ofContainer: [String])
        async throws
    {
        try await TestEngine.with(images: ["busybox"]) { engine in
            for name in ["front", "back"] { try await engine.kenter("network", "create", name) }
            try await engine.kenter("create", "--name", "aa", "--network", "front", "busybox", "sleep", "1d")
            // Only a network on which nothing runs can be removed.
            if command[1] != "rm" { try await engine.kenter("network", "connect", "back", "aa") }
            try await engine.kenter("start", "aa")
            guard let plugin = PluginProcesses.named("network-routed", childrenOf: engine.processIdentifier).first
            else {
                Issue.record("network-routed does not run")
                return
            }
            await PluginProcesses.halt(plugin)
            async let running = engine.kenter(command)
            let isCalled = await eventually { PluginProcesses.pendingInput(of: plugin) > 0 }
            #expect(isCalled)
            await engine.crash()
            kill(plugin, SIGKILL)
            #expect(try await running.exit != 0)
            try await engine.start()

            let shown = try await engine.kenter("network", "ls", "--json")
            #expect(try JSONValue(text: shown).array?.map(\.["name"].string) == networks.map(Optional.some))
            #expect(try await engine.inspect("aa")["networks"].object?.members.map(\.name).sorted() == ofContainer)
            #expect(try await engine.containerDevices().count == ofContainer.count)
            for network in networks { try await engine.kenter("run", "--rm", "--network", network, "busybox", "true") }
            #expect(try await engine.kenter("exec", "aa", "echo", "alive") == "alive")
        }
    }

    @Test func aCleanEndLeavesNothingOfNetworksUnlessContainersRun() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("network", "create", "--ipv6", "front")
            try await engine.kenter("run", "-d", "--name", "aa", "--network", "front", "busybox", "sleep", "1d")
            let subnet = try JSONValue(text: try await engine.kenter("network", "inspect", "front"))[0]["subnet"]
            try await engine.stop()
            #expect(try await engine.host("nft", "list", "tables").output.contains("kenter-"))
            try await engine.start()
            try await engine.kenter("stop", "-t", "0", "aa")
            try await engine.stop()
            for command in [["nft", "list", "ruleset"], ["ip", "route", "show", "type", "blackhole"]] {
                let left = try await Command.run(engine.network.entering(command))
                #expect(left.output == "", "\(left)")
            }
            // Somebody else takes the default network's subnet meanwhile, but not the other one's.
            #expect(try await engine.host("ip", "route", "add", "172.17.0.0/16", "via", "203.0.113.2").exit == 0)
            try await engine.start()
            try await engine.kenter("start", "aa")
            let networks = try JSONValue(text: try await engine.kenter("network", "inspect", "front", "bridge"))
            #expect(networks[0]["subnet"] == subnet && networks[1]["subnet"] != "172.17.0.0/16")
            try await engine.kenter("run", "--rm", "busybox", "true")
        }
    }

    @Test func theDefaultNetworkFollowsTheConfigurationWhileNobodyIsOnIt() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("run", "-d", "--name", "aa", "busybox", "sleep", "1d")
            let configuration = #"{"bridge": {"subnet": "10.44.0.0/24", "ipv6Subnet": "fd44::/64", "icc": true}}"#
            try TextFile.write(configuration, to: "\(engine.root)/config.json")
            try await engine.stop()
            try await engine.start()
            #expect(try await engine.address(of: "aa") == "172.17.0.2", "it runs")
            try await engine.kenter("rm", "-f", "aa")
            try await engine.stop()
            try await engine.start()
            try await engine.serve("aa")
            try await engine.serve("bb")
            let networks = try await engine.inspect("aa")["networks"]
            #expect(networks["bridge"]["ipv4"] == "10.44.0.2" && networks["bridge"]["ipv6"] == "fd44::2")
            try await engine.expect("bb", reaches: "tcp", "10.44.0.2", "80")
            try await engine.expect("bb", reaches: "tcp", "fd44::2", "80")
        }
    }
}
