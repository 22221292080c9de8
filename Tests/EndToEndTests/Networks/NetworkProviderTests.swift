import JSONRPC
import TestSupport
import Testing

/// Providers of networks: two at once, each for its own, and what one must say before a container starts.
@Suite struct NetworkProviderTests {
    @Test func networksOfTwoProvidersStandSideBySideAndALinkMovesBetweenThem() async throws {
        try await Meddler.with("network-routed", role: "network", isDefault: false, images: ["busybox"]) {
            engine, meddler in
            try await engine.kenter("network", "create", "--isolated", "--subnet", "10.7.0.0/24", "front")
            try await engine.kenter(
                "network", "create", "--isolated", "--subnet", "10.8.0.0/24", "--provider", Meddler.name, "back")
            for (network, provider) in [("front", "network-routed"), ("back", Meddler.name)] {
                let shown = try JSONValue(text: try await engine.kenter("network", "inspect", network))[0]
                #expect(shown["provider"].string == provider)
            }
            try await engine.serve("db", expose: ["80"], options: ["--network", "back"])
            try await engine.serve("other", options: ["--network", "back"])
            try await engine.serve(
                "web", links: ["db:db"], options: ["--network", "front", "--network", "back", "-p", "8000:80"])
            #expect(try meddler.calls("provider.network.attach").count == 3)
            #expect(try meddler.calls("provider.network.rules").count == 1)
            let old = try await engine.inspect("db")["networks"]["back"]["ipv4"].string ?? ""
            try await engine.expect("web", finds: "db", as: "db")
            #expect(try await engine.host("curl", "-s", "-m", "5", "http://127.0.0.1:8000/").line == "web")

            // The source moves to the other provider's network: the path, the line and the address are that one's then.
            try await engine.kenter("network", "connect", "front", "db")
            try await engine.kenter("network", "disconnect", "back", "db")
            try await engine.expect("web", finds: "db", as: "db")
            #expect(try await !engine.kenter("exec", "web", "cat", "/etc/hosts").contains(old))
            // Nobody inherits the path with the address.
            try await engine.serve("thief", options: ["--network", "name=back,ip=\(old)"])
            let probe = try await engine.kenter(["exec", "web", "nettool", "tcp", old, "80"])
            #expect(probe.exit != 0, "\(probe)")

            await engine.crash()
            try await engine.start()
            // Paths are opened again while the doors are open already; until then the probe fails.
            let isBack = await eventually { (try? await engine.expect("web", finds: "db", as: "db")) != nil }
            #expect(isBack)
        }
    }

    @Test(arguments: ["isolated", "failClosed"])
    func noContainerStartsWhereItsProviderCannotKeepContainersApart(_ promise: String) async throws {
        try await Meddler.with("network-routed", role: "network", images: ["busybox"]) { engine, meddler in
            try meddler.order("provider.network.check", ["result": .object(JSONObject([(promise, false)]))])
            // A new life of the provider is asked anew.
            try await engine.kenter("plugin", "restart", Meddler.name)
            try await engine.expectRefusal(
                ["run", "-d", "--name", "aa", "busybox", "sleep", "1d"],
                saying: "the network provider 'meddler' cannot keep containers apart on this host")
            // Without a network there is nothing to keep apart.
            try await engine.kenter("run", "--rm", "--network", "none", "busybox", "true")
            meddler.leave("provider.network.check")
            try await engine.kenter("run", "--rm", "busybox", "true")
        }
    }
}
