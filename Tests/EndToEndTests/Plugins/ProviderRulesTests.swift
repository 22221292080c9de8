import JSONRPC
import TestSupport
import Testing

/// What the engine owes its providers: the opposite call after an error (R4), their states (R6), and what they miss.
@Suite struct ProviderRulesTests {
    private static let failure: JSONValue = ["errorAfter": Meddler.error("io", "half done", code: 1011)]

    // MARK: R4

    @Test func aRefusedPortIsDetachedBeforeTheNextOneIsTried() async throws {
        try await Meddler.with("network-routed", role: "network", images: ["busybox"]) { engine, meddler in
            try await engine.kenter("run", "-d", "-p", "8000:80", "busybox", "sleep", "1d")
            let known = try meddler.calls("provider.network.attach", "provider.network.detach").count
            try await engine.kenter("run", "-d", "--name", "aa", "-p", "8000-8002:80", "busybox", "sleep", "1d")
            #expect(try await engine.inspect("aa")["ports"][0]["hostPort"] == 8001)
            let calls = try meddler.calls("provider.network.attach", "provider.network.detach").dropFirst(known)
            #expect(calls.count == 3)
            #expect(calls.map { $0.method == "provider.network.attach" } == [true, false, true])
            #expect(Set(calls.map { $0.params["attachmentId"].string }).count == 1)
        }
    }

    /// The text of an error is for people: only its `port` says which one is taken.
    @Test(arguments: [true, false])
    func aTakenPortIsKnownByItsDetailAlone(_ isNamed: Bool) async throws {
        try await Meddler.with("network-routed", role: "network", images: ["busybox"]) { engine, meddler in
            let port: JSONValue = ["hostPort": 8000, "containerPort": 80, "protocol": "tcp"]
            let data: JSONValue = isNamed ? ["kind": "conflict", "port": port] : ["kind": "conflict"]
            let message: JSONValue = isNamed ? "no" : "Bind for 0.0.0.0:8000 failed: port is already allocated"
            try meddler.order(
                "provider.network.attach",
                ["error": ["code": 1003, "message": message, "data": data], "ports": [8000]])
            let run = try await engine.kenter(["run", "-d", "-p", "8000-8002:80", "busybox", "sleep", "1d"])
            #expect((run.exit == 0) == isNamed, "\(run)")
        }
    }

    @Test func aLayerThatCouldNotBeUnpackedIsRemoved() async throws {
        try await Meddler.with("storage-overlay", role: "storage") { engine, meddler in
            try meddler.order("provider.layer.apply", Self.failure)
            await #expect(throws: CommandFailure.self) { try await engine.load(["busybox"]) }
            let applied = try meddler.calls("provider.layer.apply").map { $0.params["digest"] }
            #expect(
                try meddler.calls("provider.layer.remove").map { $0.params["digest"] } == applied && !applied.isEmpty)
            meddler.leave("provider.layer.apply")
            try await engine.load(["busybox"])
            try await engine.kenter("run", "--rm", "busybox", "true")
        }
    }

    @Test func aRootFilesystemGoesWithItsFirstFailureAndNoLaterOne() async throws {
        try await Meddler.with("storage-overlay", role: "storage", images: ["busybox"]) { engine, meddler in
            try await engine.kenter("create", "--name", "aa", "busybox", "sh", "-c", "echo >>/file; exec sleep 1d")
            try meddler.order("provider.rootfs.prepare", Self.failure)
            #expect(try await engine.kenter(["start", "aa"]).errors.contains("half done"))
            #expect(try meddler.calls("provider.rootfs.remove").count == 1)
            meddler.leave("provider.rootfs.prepare")
            try await engine.kenter("start", "aa")
            let hasWritten = try await eventually {
                try await engine.kenter(["exec", "aa", "test", "-e", "/file"]).exit == 0
            }
            #expect(hasWritten)
            try await engine.kenter("stop", "-t", "0", "aa")
            try meddler.order("provider.rootfs.prepare", Self.failure)
            #expect(try await engine.kenter(["start", "aa"]).exit != 0)
            #expect(try meddler.calls("provider.rootfs.remove").count == 1)
            meddler.leave("provider.rootfs.prepare")
            try await engine.kenter("start", "aa")
            let lines = try await eventually {
                try await engine.kenter("exec", "aa", "wc", "-l", "/file").hasPrefix("2")
            }
            #expect(lines)
        }
    }

    // MARK: R6

    @Test func aStorageProviderGetsItsStatesBack() async throws {
        func state(_ name: JSONValue) -> JSONValue { ["result": ["state": ["token": name]]] }
        let orders = [
            "provider.rootfs.prepare": state("rootfs"), "provider.volume.create": state("volume"),
        ]
        try await Meddler.with("storage-overlay", role: "storage", images: ["busybox"], orders: orders) {
            engine, meddler in
            try await engine.kenter("run", "-d", "--name", "aa", "-v", "/d", "busybox", "sleep", "1d")
            await engine.crash()
            try await engine.start()
            try await engine.kenter("rm", "-f", "-v", "aa")
            #expect(try meddler.calls("provider.rootfs.remove").map { $0.params["state"]["token"] } == ["rootfs"])
            #expect(try meddler.calls("provider.volume.mount").map { $0.params["volumeState"]["token"] } == ["volume"])
            #expect(try meddler.calls("provider.volume.remove").map { $0.params["state"]["token"] } == ["volume"])
        }
    }

    @Test func aNetworkProviderGetsItsStatesBack() async throws {
        let orders: [String: JSONValue] = [
            "provider.network.create": ["result": ["state": ["token": "network"]]],
            "provider.network.attach": ["result": ["state": ["token": "attachment"]]],
        ]
        try await Meddler.with("network-routed", role: "network", images: ["busybox"], orders: orders) {
            engine, meddler in
            try await engine.kenter("network", "create", "made")
            try await engine.kenter("run", "-d", "--name", "aa", "--network", "made", "busybox", "sleep", "1d")
            await engine.crash()
            try await engine.start()
            try await engine.kenter("rm", "-f", "aa")
            try await engine.kenter("network", "rm", "made")
            let attached = try meddler.calls("provider.network.attach").map { $0.params["networkState"]["token"] }
            #expect(attached == ["network"])
            #expect(try meddler.calls("provider.network.detach").map { $0.params["state"]["token"] } == ["attachment"])
            #expect(try meddler.calls("provider.network.remove").map { $0.params["state"]["token"] } == ["network"])
        }
    }

    @Test func aContainerKeepsTheProviderOfItsRootFilesystem() async throws {
        try await Meddler.with("storage-overlay", role: "storage", images: ["busybox"]) { engine, meddler in
            try await engine.kenter("run", "--name", "aa", "busybox", "true")
            try await meddler.leaveRole("storage", to: "storage-overlay", in: engine)
            try await engine.kenter("start", "aa")
            try await engine.kenter("run", "--rm", "busybox", "true")
            try await engine.kenter("rm", "-f", "aa")
            #expect(TextFile.names(in: "\(engine.root)/plugin-state/\(Meddler.name)/c").isEmpty)
            #expect(TextFile.names(in: "\(engine.root)/plugin-state/storage-overlay/c").isEmpty)
        }
    }

    @Test func aVolumeThatItsProviderHasLostIsMadeAnew() async throws {
        try await Meddler.with("storage-overlay", role: "storage", images: ["busybox"]) { engine, _ in
            try await engine.kenter("run", "--rm", "-v", "data:/d", "busybox", "touch", "/d/file")
            let volumes = "\(engine.root)/plugin-state/\(Meddler.name)/v"
            try await Command.succeed(["rm", "-rf"] + TextFile.names(in: volumes).map { "\(volumes)/\($0)" })
            let use = ["run", "--rm", "-v", "data:/d", "busybox", "ls", "/d"]
            #expect(try await engine.kenter(use).exit != 0)
            try await engine.kenter("plugin", "restart", Meddler.name)
            #expect(try await engine.kenter(use).output == "")
            #expect(TextFile.read(engine.log).contains("the data of a volume is gone"))
            #expect(TextFile.names(in: volumes).count == 1)
        }
    }

    // MARK: capabilities, and what else is the provider's word

    @Test func aProviderOfVolumesOnlyIsAskedForNothingElse() async throws {
        let orders: [String: JSONValue] = ["plugin.hello": ["capabilities": ["volumes"]]]
        try await Meddler.with("storage-overlay", role: "storage", orders: orders) { engine, meddler in
            try await engine.kenter("volume", "create", "data")
            do {
                try await engine.load(["busybox"])
                Issue.record("it was loaded")
            } catch let failure as CommandFailure {
                #expect("\(failure)".contains("plugin 'meddler' has no capability 'rootfs' in the role 'storage'"))
            }
            #expect(try meddler.calls("provider.layer.apply").isEmpty)
        }
    }

    @Test func aProviderOfRootFilesystemsOnlyIsAskedForNoVolume() async throws {
        let orders: [String: JSONValue] = ["plugin.hello": ["capabilities": ["rootfs"]]]
        try await Meddler.with("storage-overlay", role: "storage", images: ["busybox"], orders: orders) {
            engine, meddler in
            try await engine.kenter("run", "--rm", "busybox", "true")
            let lack = "plugin 'meddler' has no capability 'volumes' in the role 'storage'"
            try await engine.expectRefusal(["run", "--rm", "-v", "/d", "busybox", "true"], saying: lack)
            try await engine.expectRefusal(["volume", "create", "data"], exit: 1, saying: lack)
            #expect(try meddler.calls("provider.volume.create").isEmpty)
        }
    }

    @Test func aProviderThatChoosesAddressesIsHeard() async throws {
        let orders: [String: JSONValue] = ["plugin.hello": ["capabilities": ["ipam"]]]
        try await Meddler.with("network-routed", role: "network", images: ["busybox"], orders: orders) {
            engine, meddler in
            func choose(_ address: JSONValue) throws {
                try meddler.order("provider.network.attach", ["result": ["addresses": [address]]])
            }
            let run = ["run", "-d", "busybox", "sleep", "1d"]
            try choose("172.17.0.77/16")
            try await engine.kenter("run", "-d", "--name", "aa", "busybox", "sleep", "1d")
            #expect(try await engine.address(of: "aa") == "172.17.0.77")
            try await engine.expectRefusal(run, saying: "172.17.0.77 on network bridge, and somebody else has it")
            try choose("10.0.0.1/8")
            try await engine.expectRefusal(
                run, saying: "10.0.0.1/8 on network bridge, and it is in none of the network's")
            for address in ["172.17.0.0/16", "172.17.0.1/16", "172.17.255.255/16"] {
                try choose(.string(address))
                try await engine.expectRefusal(
                    run, saying: "\(address) on network bridge, and no container can have that")
            }
            meddler.leave("provider.network.attach")
            // What was proposed and not taken is free.
            try await engine.kenter("run", "-d", "--name", "bb", "busybox", "sleep", "1d")
            try await engine.kenter("rm", "-f", "aa")
        }
    }

    private static let impossible: [(answer: JSONValue, refusal: String)] = [
        (["gateways": ["10.9.0.1 gw\n6.6.6.6 bank.example\n#"]], "has answered the gateway '10.9.0.1 gw"),
        (["mac": "02:42:ac:11:00:02\nx"], "has answered the MAC address '02:42:ac:11:00:02"),
        (
            ["ports": [["hostAddress": "0.0.0.0", "hostPort": 22, "containerPort": 80, "protocol": "tcp"]]],
            "has answered the port 0.0.0.0:22->80/tcp"
        ),
        (
            ["ports": [["hostAddress": "0.0.0.0", "hostPort": 8000, "containerPort": 81, "protocol": "tcp"]]],
            "has answered the port 0.0.0.0:8000->81/tcp"
        ),
        (
            ["ports": [["hostAddress": "here", "hostPort": 8000, "containerPort": 80, "protocol": "tcp"]]],
            "has answered the port here:8000->80/tcp"
        ),
    ]

    @Test(arguments: impossible.indices)
    func anAttachmentThatCannotBeIsTakenBack(_ number: Int) async throws {
        let (answer, refusal) = Self.impossible[number]
        try await Meddler.with("network-routed", role: "network", images: ["busybox"]) { engine, meddler in
            let run = [
                "run", "--name", "aa", "-p", "8000:80", "--add-host", "h:host-gateway", "busybox", "cat", "/etc/hosts",
            ]
            try meddler.order("provider.network.attach", ["result": answer])
            try await engine.expectRefusal(run, saying: refusal)
            let ids = try meddler.calls("provider.network.attach").map { $0.params["attachmentId"] }
            #expect(try meddler.calls("provider.network.detach").map { $0.params["attachmentId"] } == ids)
            meddler.leave("provider.network.attach")
            try await engine.kenter("rm", "-f", "aa")
            #expect(try await engine.kenter(run).output.contains("172.17.0.1\th\n"))
        }
    }

    @Test func aNetworkWithGatewaysThatCannotBeIsTakenBack() async throws {
        try await Meddler.with("network-routed", role: "network") { engine, meddler in
            try meddler.order("provider.network.create", ["result": ["gateways": ["10.9.0.1\n6.6.6.6 bank"]]])
            try await engine.expectRefusal(
                ["network", "create", "web"], exit: 1, saying: "has answered the gateway '10.9.0.1")
            #expect(try meddler.calls("provider.network.remove").count == 1)
            meddler.leave("provider.network.create")
            try await engine.kenter("network", "create", "web")
        }
    }

    @Test func anAttachmentThatItsProviderHasLostIsMadeAsItWas() async throws {
        let orders: [String: JSONValue] = ["plugin.hello": ["capabilities": ["ipam"]]]
        try await Meddler.with("network-routed", role: "network", images: ["busybox"], orders: orders) {
            engine, meddler in
            try await engine.kenter(
                "network", "create", "--subnet", "10.9.0.0/24", "--subnet", "fd09::/64", "both")
            func choose(_ address: JSONValue, _ token: JSONValue) throws {
                try meddler.order(
                    "provider.network.attach", ["result": ["addresses": [address], "state": ["token": token]]])
            }
            // Of the second subnet only.
            try choose("fd09::77/64", "first")
            try await engine.kenter("run", "-d", "--name", "aa", "--network", "both", "busybox", "sleep", "1d")
            let attached = try #require(try meddler.calls("provider.network.attach").last)
            try choose("fd09::78/64", "second")
            try meddler.order("provider.reconcile", ["result": ["missing": [attached.params["attachmentId"]]]])
            try await engine.kenter("plugin", "restart", Meddler.name)
            let isAttached = try await eventually { try meddler.calls("provider.network.attach").count == 2 }
            #expect(isAttached)
            #expect(try meddler.calls("provider.network.attach").last?.params["addresses"] == ["fd09::77/64"])
            let isKept = try await eventually {
                try await engine.inspect("aa")["networks"].text.contains("fd09::78")
            }
            #expect(isKept)
            try await engine.kenter("rm", "-f", "aa")
            #expect(try meddler.calls("provider.network.detach").last?.params["state"]["token"] == "second")
        }
    }

    @Test func noContainerStartsUnlessItsProviderKeepsContainersApart() async throws {
        try await Meddler.with("network-routed", role: "network", images: ["busybox"]) { engine, meddler in
            for member in ["isolated", "failClosed"] {
                try meddler.order("provider.network.check", ["result": .object(JSONObject([(member, false)]))])
                try await engine.expectRefusal(
                    ["run", "--rm", "busybox", "true"],
                    saying: "the network provider 'meddler' cannot keep containers apart")
            }
            meddler.leave("provider.network.check")
            try await engine.kenter("run", "--rm", "busybox", "true")
            // Asked anew of the provider's next life.
            try meddler.order("provider.network.check", ["result": ["isolated": false]])
            try await engine.kenter("plugin", "restart", Meddler.name)
            let isRefused = try await eventually {
                try await engine.kenter(["run", "--rm", "busybox", "true"]).exit == 125
            }
            #expect(isRefused)
        }
    }

    @Test func aVolumeMayBeADirectoryToBind() async throws {
        try await Meddler.with("storage-overlay", role: "storage", images: ["busybox"]) { engine, meddler in
            try await engine.kenter("volume", "create", "data")
            let volumes = "\(engine.root)/plugin-state/\(Meddler.name)/v"
            let path = "\(volumes)/\(TextFile.names(in: volumes).first ?? "")"
            func mount(_ path: String) throws {
                try meddler.order("provider.volume.mount", ["result": ["mount": .null, "path": .string(path)]])
            }
            try mount(path)
            let use = ["run", "--rm", "-v", "data:/d", "busybox", "sh", "-c", "echo kept >/d/file"]
            #expect(try await engine.kenter(use).exit == 0)
            #expect(TextFile.read("\(path)/file") == "kept\n")
            try mount("/etc")
            try await engine.expectRefusal(use, saying: "wants to mount the path '/etc', which is not allowed")
            try meddler.order("provider.volume.mount", ["result": ["mount": .null]])
            try await engine.expectRefusal(use, saying: "returned no mount")
        }
    }
}
