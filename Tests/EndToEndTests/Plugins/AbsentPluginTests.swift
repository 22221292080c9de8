import JSONRPC
import TestSupport
import Testing

/// An engine whose provider of networks is not there: all that does not need it works.
@Suite struct AbsentPluginTests {
    private static let noDefault = "there is no default network: the provider of networks has not been able to make it"

    @Test func theEngineStartsAndTheDefaultNetworkIsMadeWhenItsProviderComesUp() async throws {
        try await Meddler.with(
            "network-routed", role: "network", images: ["busybox"],
            orders: ["plugin.hello": ["disable": "no network today"]]
        ) { engine, meddler in
            #expect(try await engine.kenter("network", "ls", "-q") == "")
            #expect(TextFile.read(engine.log).contains("the default network could not be made"))
            let run = ["run", "-d", "--name", "aa", "-v", "data:/d", "busybox", "sleep", "1d"]
            try await engine.expectRefusal(run, saying: Self.noDefault)
            try await engine.expectRefusal(["network", "create", "made"], exit: 1, saying: "no network today")
            try await engine.kenter("run", "--rm", "--network", "none", "busybox", "true")

            meddler.leave("plugin.hello")
            try await engine.kenter("plugin", "restart", Meddler.name)
            let isMade = try await eventually { try await engine.kenter(run).exit == 0 }
            #expect(isMade)
            #expect(try await engine.address(of: "aa") == "172.17.0.2")

            // What is known stays known while its provider fails, and what runs runs on.
            try meddler.order("plugin.hello", ["disable": "no network today"])
            await engine.crash()
            try await engine.start()
            #expect(try await engine.address(of: "aa") == "172.17.0.2")
            #expect(try await engine.kenter("exec", "aa", "echo", "alive") == "alive")
            let refused = try await engine.kenter(["run", "--rm", "busybox", "true"])
            #expect(refused.exit == 125 && refused.errors.contains("no network today"), "\(refused)")
            meddler.leave("plugin.hello")
            try await engine.kenter("plugin", "restart", Meddler.name)
            let isBack = try await eventually { try await engine.kenter(["run", "--rm", "busybox", "true"]).exit == 0 }
            #expect(isBack)
        }
    }

    @Test func theEngineStartsWithoutAnyProviderOfNetworks() async throws {
        let configuration = #"{"defaultProviders": {"network": "absent"}}"#
        try await TestEngine.with(images: ["busybox"], configuration: configuration) { engine in
            #expect(TextFile.read(engine.log).contains("no plugin named 'absent'"))
            try await engine.expectRefusal(["run", "--rm", "busybox", "true"], saying: Self.noDefault)
            try await engine.expectRefusal(["network", "inspect", "bridge"], exit: 1, saying: Self.noDefault)
            try await engine.kenter("run", "--rm", "--network", "none", "busybox", "true")
        }
    }

    /// It lives, and fails once while the engine starts.
    @Test func aNetworkThatCouldNotBeMadeIsMadeWhenItIsNeeded() async throws {
        let refusal: JSONValue = ["error": Meddler.error("io", "not now", code: 1011)]
        try await Meddler.with(
            "network-routed", role: "network", images: ["busybox"], orders: ["provider.network.validate": refusal]
        ) { engine, meddler in
            #expect(TextFile.read(engine.log).contains("the default network could not be made"))
            let run = ["run", "--rm", "busybox", "true"]
            try await engine.expectRefusal(run, saying: Self.noDefault)
            meddler.leave("provider.network.validate")
            #expect(try await engine.kenter(run).exit == 0)

            try await engine.kenter("network", "create", "made")
            try await engine.stop()
            try meddler.order("provider.network.create", refusal)
            try await engine.start()
            #expect(TextFile.read(engine.log).contains("a network could not be made"))
            for network in ["bridge", "made"] {
                try await engine.expectRefusal(
                    ["run", "--rm", "--network", network, "busybox", "true"],
                    saying: "network \(network) cannot be used: it could not be made: not now")
            }
            meddler.leave("provider.network.create")
            for network in ["bridge", "made"] {
                try await engine.kenter("run", "--rm", "--network", network, "busybox", "true")
            }
        }
    }

    @Test func aNetworkThatCannotBeReleasedKeepsNoOtherOnTheHost() async throws {
        try await Meddler.with("network-routed", role: "network") { engine, meddler in
            for name in ["aa", "bb"] { try await engine.kenter("network", "create", name) }
            try meddler.order(
                "provider.network.remove", ["error": Meddler.error("io", "not now", code: 1011), "once": true])
            try await engine.stop()
            #expect(try meddler.calls("provider.network.remove").count == 3)
            try await engine.start()
        }
    }
}
