import Glibc
import JSONRPC
import TestSupport
import Testing

/// Plugins of strangers: dropped in, enabled, used, changed, hostile.
@Suite struct ForeignPluginTests {
    private func install(_ path: String, as name: String, in engine: TestEngine) async throws {
        try await Command.succeed(["install", "-m", "0755", path, "\(engine.root)/plugins/\(name)"])
    }

    private func example(_ name: String) -> String { "\(BuildProducts.checkout)/Plugins/Examples/\(name)" }

    private func state(of plugin: String, in engine: TestEngine) async throws -> JSONValue {
        try JSONValue(text: try await engine.kenter("plugin", "inspect", plugin))[0]
    }

    @Test func aStrangersPluginIsInertUntilItIsEnabledAndThenUsed() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await install(example("link-database-url"), as: "link-database-url", in: engine)
            #expect(try await state(of: "link-database-url", in: engine)["state"] == "disabled")
            try await engine.kenter(
                "run", "-d", "--name", "db", "--expose", "5432", "-e", "POSTGRES_PASSWORD=a b", "-e", "POSTGRES_USER=u",
                "-e", "POSTGRES_DB=shop", "busybox", "sleep", "1d")
            let use = ["run", "--rm", "--link", "db:db,provider=link-database-url", "busybox", "env"]
            let refused = try await engine.kenter(use)
            #expect(refused.exit == 125)
            #expect(refused.errors.contains("plugin 'link-database-url' is not enabled: run 'kenter plugin enable"))

            try await engine.kenter("plugin", "enable", "link-database-url")
            let enabled = try await state(of: "link-database-url", in: engine)
            #expect(enabled["state"] == "running")
            #expect(enabled["digest"].string?.count == 64)
            #expect(enabled["remark"].string?.contains("modules") == true)
            let address = try await engine.address(of: "db")
            let used = try await engine.kenter(use)
            #expect(used.lines.contains("DB_URL=postgres://u:a%20b@\(address):5432/shop"))
            #expect(!used.output.contains("DB_PORT"))
            // The default stays what it was.
            let legacy = try await engine.kenter(["run", "--rm", "--link", "db:db", "busybox", "env"])
            #expect(legacy.output.contains("DB_PORT_5432_TCP_ADDR=\(address)"))

            try await engine.stop()
            try await engine.start()
            #expect(try await engine.kenter(use).output.contains("DB_URL="))
        }
    }

    @Test func aPluginWhoseFileChangedIsRefusedUntilItIsEnabledAgain() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await install(example("link-kubernetes"), as: "link-k8s", in: engine)
            try await engine.kenter("plugin", "enable", "link-k8s")
            try await engine.kenter("run", "-d", "--name", "db", "--expose", "80", "busybox", "sleep", "1d")
            let use = ["run", "--rm", "--link", "db:my-db,provider=link-k8s,names=web/80", "busybox", "env"]
            #expect(try await engine.kenter(use).output.contains("MY_DB_SERVICE_PORT_WEB=80"))

            try await Command.succeed(["sh", "-c", "echo '# changed' >> \(engine.root)/plugins/link-k8s"])
            let restarted = try await engine.kenter(["plugin", "restart", "link-k8s"])
            #expect(restarted.exit == 1)
            #expect(restarted.errors.contains("it is not what was enabled: its SHA-256 was"))
            #expect(try await state(of: "link-k8s", in: engine)["state"] == "failed")
            #expect(try await engine.kenter(use).exit == 125)
            // What stands on the default provider goes on.
            #expect(try await engine.kenter(["run", "--rm", "--link", "db:db", "busybox", "true"]).exit == 0)

            try await engine.kenter("plugin", "enable", "link-k8s")
            #expect(try await engine.kenter(use).exit == 0)
            try await engine.kenter("plugin", "disable", "link-k8s")
            #expect(try await state(of: "link-k8s", in: engine)["state"] == "disabled")
        }
    }

    @Test(arguments: [
        ("address", "no address of the source"), ("name", "neither the alias"), ("preload", "needs a grant"),
        ("undeclared", "none of the variables"), ("newline", "impossible name"), ("file", "impossible path"),
        ("port", "does not expose"), ("twice", "twice"), ("shape", "wrong shape"), ("request", "a plugin only answers"),
        ("garbage", "no valid message"),
    ])
    func aHostilePluginGetsNothingApplied(attack: String, refusal: String) async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await install(BuildProducts.fixture("plugins/hostile"), as: "hostile", in: engine)
            try await engine.kenter("plugin", "enable", "hostile")
            try await engine.kenter("run", "-d", "--name", "db", "--expose", "80", "busybox", "sleep", "1d")
            let before = try await Footprint(settledOf: engine)
            let result = try await engine.kenter(
                ["run", "--rm", "--link", "db:db,provider=hostile,attack=\(attack)", "busybox", "env"])
            #expect(result.exit == 125, "\(result)")
            #expect(result.errors.contains(refusal), "\(result)")
            let undone = try await eventually { try await Footprint(of: engine) == before }
            #expect(undone)
        }
    }

    @Test func aGrantLetsAProviderSetADelicateVariable() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await install(BuildProducts.fixture("plugins/hostile"), as: "hostile", in: engine)
            try await engine.kenter("plugin", "enable", "--grant", "env=LD_PRELOAD", "hostile")
            try await engine.kenter("run", "-d", "--name", "db", "--expose", "80", "busybox", "sleep", "1d")
            let result = try await engine.kenter(
                ["run", "--rm", "--link", "db:db,provider=hostile,attack=preload", "busybox", "env"])
            #expect(result.output.contains("LD_PRELOAD=/evil.so"))
            #expect(try await state(of: "hostile", in: engine)["grantedVariables"] == ["LD_PRELOAD"])
        }
    }

    @Test func aVolumeIsMadeByTheProviderThatWasNamed() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await install(example("storage-directories"), as: "storage-directories", in: engine)
            try await engine.kenter("plugin", "enable", "storage-directories")
            try await engine.kenter("volume", "create", "--driver", "storage-directories", "data")
            try await engine.kenter("run", "--rm", "-v", "data:/data", "busybox", "sh", "-c", "echo kept > /data/file")
            #expect(
                try await engine.kenter("run", "--rm", "-v", "data:/data", "busybox", "cat", "/data/file") == "kept")
            let refused = try await engine.kenter(["plugin", "disable", "storage-directories"])
            #expect(refused.errors.contains("plugin 'storage-directories' provides volume data: remove those first"))
            try await engine.kenter("volume", "rm", "data")
            try await engine.kenter("plugin", "disable", "storage-directories")
        }
    }

    @Test func onlyRootOnTheSocketEnables() async throws {
        try await TestEngine.with(arguments: ["--listen", "127.0.0.1:0"]) { engine in
            try await install(example("link-kubernetes"), as: "link-k8s", in: engine)
            let address = TextFile.read("\(engine.runDirectory)/tcp").split(separator: "\n").first ?? ""
            let result = try await Command.run(
                engine.network.entering([
                    BuildProducts.executable("kenter"), "--host", "tcp://\(address)\(engine.runDirectory)/cookie",
                    "plugin",
                    "enable", "link-k8s",
                ]), environment: engine.environment)
            #expect(result.exit == 1)
            #expect(result.errors.contains("only root may enable a plugin, and not over TCP"), "\(result)")
            #expect(try await state(of: "link-k8s", in: engine)["state"] == "disabled")
        }
    }
}
