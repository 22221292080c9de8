import JSONRPC
import TestSupport
import Testing

/// A provider of networks that lives and fails to detach: what it may still have is nobody else's.
@Suite struct LingeringAttachmentTests {
    private static let refusal: JSONValue = ["error": Meddler.error("io", "not now", code: 1011)]

    @Test func aContainerThatCannotLeaveANetworkStaysOnIt() async throws {
        try await Meddler.with("network-routed", role: "network", images: ["busybox"]) { engine, meddler in
            try await engine.kenter("network", "create", "front")
            try await engine.serve("bb", options: ["--network", "front"])
            try await engine.serve("aa", options: ["--network", "front"])
            try await engine.kenter("network", "connect", "bridge", "aa")
            let (before, hosts) = (
                try await engine.inspect("aa")["networks"], try await engine.kenter("exec", "bb", "cat", "/etc/hosts")
            )
            try meddler.order("provider.network.detach", Self.refusal)
            let failed = try await engine.kenter(["network", "disconnect", "front", "aa"])
            #expect(failed.exit == 1 && failed.errors.contains("could not take it off the network"), "\(failed)")
            #expect(try await engine.inspect("aa")["networks"] == before)
            #expect(try await engine.kenter("exec", "bb", "cat", "/etc/hosts") == hosts)
            try await engine.expect("aa", reaches: "tcp", "bb", "80")

            // The kernel keeps its paths open while its provider is away.
            try meddler.order("provider.network.detach", ["die": "before", "once": true])
            let cut = try await engine.kenter(["network", "disconnect", "front", "aa"])
            #expect(cut.exit == 1 && cut.errors.contains("could not take it off the network"), "\(cut)")
            #expect(try await engine.inspect("aa")["networks"] == before)
            let hasLeft = try await eventually(within: .seconds(20)) {
                try await engine.kenter(["network", "disconnect", "front", "aa"]).exit == 0
            }
            #expect(hasLeft)
            #expect(try await engine.containerDevices().count == 2)
            try await engine.kenter("network", "connect", "front", "aa")
            try await engine.expect("aa", reaches: "tcp", "bb", "80")
        }
    }

    @Test func anAddressIsKeptUntilItsEndIsConfirmed() async throws {
        try await Meddler.with("network-routed", role: "network", images: ["busybox"]) { engine, meddler in
            // Room for one container.
            try await engine.kenter("network", "create", "--subnet", "10.9.0.0/30", "small")
            let run = ["run", "-d", "--network", "small", "--name"]
            let sleep = ["busybox", "sleep", "1d"]
            func expectNoRoom(_ name: String) async throws {
                // Not as a refusal: the kernel may still be taking away what went with the namespace.
                let result = try await engine.kenter(run + [name] + sleep)
                #expect(
                    result.exit == 125 && result.errors.contains("no free address left in 10.9.0.0/30"), "\(result)")
            }
            #expect(try await engine.kenter(run + ["aa"] + sleep).exit == 0)
            try meddler.order("provider.network.detach", Self.refusal)
            // The end of a container goes on.
            try await engine.kenter("stop", "-t", "0", "aa")
            try await expectNoRoom("bb")
            // Its own start tries again.
            meddler.leave("provider.network.detach")
            try await engine.kenter("start", "aa")
            try meddler.order("provider.network.detach", Self.refusal)
            try await engine.kenter("rm", "-f", "aa")
            try await expectNoRoom("bb")
            // So does the provider's next start, also after the engine's.
            await engine.crash()
            try await engine.start()
            try await expectNoRoom("bb")
            meddler.leave("provider.network.detach")
            try await engine.kenter("plugin", "restart", Meddler.name)
            let hasRoom = try await eventually { try await engine.kenter(run + ["bb"] + sleep).exit == 0 }
            #expect(hasRoom)
            try meddler.order("provider.network.detach", Self.refusal)
            try await engine.kenter("rm", "-f", "bb")
            // And whoever finds no room.
            try await expectNoRoom("cc")
            meddler.leave("provider.network.detach")
            try await engine.kenter("run", "-d", "--network", "small", "--name", "cc", "busybox", "sleep", "1d")
            try meddler.order("provider.network.detach", Self.refusal)
            try await engine.kenter("rm", "-f", "cc")
            // And the network's end, for the time that no engine runs.
            meddler.leave("provider.network.detach")
            try await engine.stop()
            let last = try meddler.calls("provider.network.detach", "provider.network.remove").suffix(3)
            #expect(last.map { $0.method.hasSuffix("remove") } == [false, true, true])
            try await engine.start()
            // And for good.
            try await engine.kenter("run", "-d", "--network", "small", "--name", "dd", "busybox", "sleep", "1d")
            try meddler.order("provider.network.detach", Self.refusal)
            try await engine.kenter("rm", "-f", "dd")
            meddler.leave("provider.network.detach")
            try await engine.kenter("network", "rm", "small")
        }
    }
}
