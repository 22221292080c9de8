import JSONRPC
import TestSupport
import Testing

/// A provider fails half-way, and fails to take it back: nobody sees what is half made, or half removed, and it is finished
/// as soon as that can be.
@Suite struct HalfMadeTests {
    private static let refusal: JSONValue = ["error": Meddler.error("io", "not now", code: 1011)]

    private static func volumes(_ engine: TestEngine) -> [String] {
        TextFile.names(in: "\(engine.root)/plugin-state/\(Meddler.name)/v")
    }

    @Test(arguments: ["before", "after"])
    func aVolumeThatCouldNotBeMadeIsSeenByNobody(_ moment: String) async throws {
        try await Meddler.with("storage-overlay", role: "storage") { engine, meddler in
            try meddler.order("provider.volume.create", ["die": .string(moment), "once": true])
            let failed = try await engine.kenter(["volume", "create", "data"])
            #expect(failed.exit == 1 && failed.errors.contains("died during provider.volume.create"), "\(failed)")
            #expect(try await engine.kenter("volume", "ls", "-q") == "")
            #expect(try await engine.kenter(["volume", "rm", "data"]).errors.contains("No such volume: data"))
            let events = try await engine.call("events.history", [:])["result"]["events"].array ?? []
            #expect(!events.contains { $0["kind"].string?.hasPrefix("volume.") == true }, "\(events)")
            let isGone = try await eventually(within: .seconds(20)) {
                try await engine.kenter("plugin", "ls").contains("running") && Self.volumes(engine).isEmpty
            }
            #expect(isGone)
            let isMade = try await eventually(within: .seconds(20)) {
                try await engine.kenter(["volume", "create", "data"]).exit == 0
            }
            #expect(isMade && Self.volumes(engine).count == 1)
        }
    }

    @Test func aVolumeThatCannotBeTakenBackIsTakenBackBeforeItsNameIsUsedAgain() async throws {
        try await Meddler.with("storage-overlay", role: "storage") { engine, meddler in
            try meddler.order("provider.volume.create", ["errorAfter": Meddler.error("io", "full", code: 1011)])
            try meddler.order("provider.volume.remove", Self.refusal)
            #expect(try await engine.kenter(["volume", "create", "data"]).errors.contains("full"))
            #expect(try await engine.kenter("volume", "ls", "-q") == "" && Self.volumes(engine).count == 1)
            meddler.leave("provider.volume.create")
            #expect(try await engine.kenter(["volume", "create", "data"]).errors.contains("not now"))
            meddler.leave("provider.volume.remove")
            try await engine.kenter("volume", "create", "data")
            #expect(try await engine.kenter("volume", "ls", "-q") == "data" && Self.volumes(engine).count == 1)
        }
    }

    @Test func aNewVolumeOfAContainerThatCouldNotBeMadeGoesWithIt() async throws {
        try await Meddler.with("storage-overlay", role: "storage", images: ["busybox"]) { engine, meddler in
            try meddler.order("provider.volume.create", ["errorAfter": Meddler.error("io", "full", code: 1011)])
            try meddler.order("provider.volume.remove", Self.refusal)
            let run = ["run", "-d", "--name", "aa", "-v", "data:/d", "-v", "/anonymous", "busybox", "sleep", "1d"]
            try await engine.expectRefusal(run, saying: "full")
            // Its name is in nobody's way, as soon as what is left of it can go.
            try await engine.expectRefusal(run, saying: "not now")
            await engine.crash()
            meddler.leave("provider.volume.create")
            meddler.leave("provider.volume.remove")
            try await engine.start()
            #expect(try await engine.kenter("volume", "ls", "-q") == "" && Self.volumes(engine).isEmpty)
            #expect(try await engine.kenter(run).exit == 0)
        }
    }

    @Test func volumesOfARemovedContainerGoWhenTheirProviderIsBack() async throws {
        try await Meddler.with("storage-overlay", role: "storage", images: ["busybox"]) { engine, meddler in
            for death in ["before", "after"] {
                try await engine.kenter("run", "-d", "--name", "aa", "-v", "/anonymous", "busybox", "sleep", "1d")
                try meddler.order("provider.volume.remove", ["die": .string(death), "once": true])
                try await engine.kenter("rm", "-f", "-v", "aa")
                let isGone = try await eventually(within: .seconds(20)) {
                    try await engine.kenter("volume", "ls", "-q") == "" && Self.volumes(engine).isEmpty
                }
                #expect(isGone)
                try await engine.kenter("plugin", "restart", Meddler.name)
            }
        }
    }

    @Test func aRemovalOfAVolumeThatMayHaveHappenedIsFinished() async throws {
        try await Meddler.with("storage-overlay", role: "storage", images: ["busybox"]) { engine, meddler in
            try await engine.kenter("volume", "create", "data")
            try meddler.order("provider.volume.remove", Self.refusal)
            #expect(try await engine.kenter(["volume", "rm", "data"]).errors.contains("not now"))
            try await engine.kenter("run", "--rm", "-v", "data:/d", "busybox", "true")
            try meddler.order("provider.volume.remove", ["die": "after", "once": true])
            let failed = try await engine.kenter(["volume", "rm", "data"])
            #expect(failed.exit == 1 && failed.errors.contains("the volume data may be gone already"), "\(failed)")
            let isGone = try await eventually(within: .seconds(20)) {
                try await engine.kenter("volume", "ls", "-q") == ""
            }
            #expect(isGone)
            let isUsable = try await eventually(within: .seconds(20)) {
                try await engine.kenter(["run", "--rm", "-v", "data:/d", "busybox", "true"]).exit == 0
            }
            #expect(isUsable)
        }
    }

    @Test func aRemovalThatWasCutShortIsFinishedBeforeItsNameIsUsedAgain() async throws {
        try await Meddler.with("storage-overlay", role: "storage", images: ["busybox"]) { engine, meddler in
            try await engine.kenter("volume", "create", "data")
            try meddler.order("plugin.hello", ["disable": "not today"])
            try meddler.order("provider.volume.remove", ["die": "before", "once": true])
            #expect(try await engine.kenter(["volume", "rm", "data"]).errors.contains("may be gone already"))
            // Its provider's next start is in vain.
            try meddler.order("provider.volume.remove", Self.refusal)
            meddler.leave("plugin.hello")
            try await engine.kenter("plugin", "restart", Meddler.name)
            let isRefused = try await eventually { try !meddler.calls("provider.volume.remove").isEmpty }
            #expect(isRefused)
            let use = ["run", "--rm", "-v", "data:/d", "busybox", "true"]
            try await engine.expectRefusal(use, saying: "not now")
            meddler.leave("provider.volume.remove")
            try await engine.kenter("run", "--rm", "-v", "data:/d", "busybox", "true")
            #expect(Self.volumes(engine).count == 1)
        }
    }

    @Test func aVolumeThatSomebodyWasToldOfStays() async throws {
        try await Meddler.with("storage-overlay", role: "storage") { engine, meddler in
            // The first maker fails, and takes back what the second one, which waits behind it, makes meanwhile.
            let full: JSONValue = Meddler.error("io", "full", code: 1011)
            try meddler.order("provider.volume.create", ["hold": true, "errorAfter": full])
            let client = try engine.connect()
            for id in 1...2 {
                await client.send(
                    #"{"jsonrpc":"2.0","id":\#(id),"method":"volume.create","params":{"name":"data"}}"#)
            }
            // Requests of a connection begin in order: both have when this is answered.
            #expect(try await client.call(#"{"jsonrpc":"2.0","id":3,"method":"engine.ping"}"#)["id"] == 3)
            #expect(await eventually { meddler.holds("provider.volume.create") })
            meddler.leave("provider.volume.create")
            var answers: [JSONValue] = []
            for _ in 0..<2 { answers.append(try JSONValue(text: try await client.receive() ?? "")) }
            let first = answers.first { $0["id"] == 1 } ?? .null
            let second = answers.first { $0["id"] == 2 } ?? .null
            #expect(first["error"]["message"].string?.contains("full") == true, "\(first.text)")
            // The second one comes before the first has taken it back, or is told that it does.
            let isMade = second["result"]["name"] == "data"
            #expect(isMade || second["error"]["data"]["kind"] == "pending", "\(second.text)")
            #expect(try await engine.kenter("volume", "ls", "-q") == (isMade ? "data" : ""))
            #expect(Self.volumes(engine).count == (isMade ? 1 : 0))
            try await engine.kenter("volume", "create", "data")
        }
    }

    @Test func aNetworkThatCouldNotBeMadeIsSeenByNobody() async throws {
        try await Meddler.with("network-routed", role: "network") { engine, meddler in
            try meddler.order(
                "provider.network.create", ["errorAfter": Meddler.error("io", "no room", code: 1011)])
            try meddler.order("provider.network.remove", Self.refusal)
            let create = ["network", "create", "--subnet", "10.9.0.0/24", "made"]
            #expect(try await engine.kenter(create).errors.contains("no room"))
            #expect(try await engine.kenter("network", "ls").contains("made") == false)
            #expect(try await engine.kenter(["network", "inspect", "made"]).errors.contains("No such network: made"))
            meddler.leave("provider.network.create")
            #expect(try await engine.kenter(create).errors.contains("not now"))
            let calls = try meddler.calls("provider.network.remove").count
            // Who wants its subnet is told where it is; others have nothing to do with it.
            let blocked = try await engine.kenter(["network", "create", "--subnet", "10.9.0.128/25", "other"])
            #expect(
                blocked.errors.contains("with network made, which could not be made, and which its provider 'meddler'"),
                "\(blocked)")
            #expect(try meddler.calls("provider.network.remove").count == calls + 1)
            try await engine.kenter("network", "create", "--subnet", "10.8.0.0/24", "other")
            #expect(try meddler.calls("provider.network.remove").count == calls + 1)
            meddler.leave("provider.network.remove")
            try await engine.kenter("network", "rm", "other")
            // Neither its name nor its subnet is in the way.
            try await engine.kenter("network", "create", "--subnet", "10.9.0.0/24", "other")
            try await engine.kenter("network", "rm", "other")
            #expect(try await engine.kenter(create).exit == 0)

            // Where its provider died, its next start is the time.
            try meddler.order("provider.network.create", ["die": "after", "once": true])
            #expect(try await engine.kenter(["network", "create", "dead"]).exit == 1)
            let records = "\(engine.root)/plugin-state/\(Meddler.name)/networks"
            let isGone = await eventually(within: .seconds(20)) { TextFile.names(in: records).count == 2 }
            #expect(isGone)
            #expect(try await engine.kenter("network", "ls", "-q").split(separator: "\n").count == 2)
        }
    }
}
