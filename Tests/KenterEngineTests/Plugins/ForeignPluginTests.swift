import Glibc
import JSONRPC
import KenterProtocol
import KenterState
import Logging
import TestSupport
import Testing

@testable import KenterEngine

/// Plugins from elsewhere: inert, enabled, changed, disabled, at an address.
@Suite struct ForeignPluginTests {
    /// Directories and a state of their own, with one plugin in them, and hosts upon them.
    private struct Place {
        let directory: String
        let store: StateStore
        var plugin: String { "\(directory)/plugins/stranger" }

        init() throws {
            directory = "/tmp/kenter-foreign-\(UInt32.random(in: 0...UInt32.max))"
            for path in ["", "/plugins", "/definitions", "/elsewhere"] { mkdir(directory + path, 0o700) }
            store = try StateStore(path: "\(directory)/state.db")
        }

        func write(_ text: String, to path: String, mode: mode_t = 0o755) throws {
            try TextFile.write(text, to: "\(directory)/\(path)")
            try #require(chmod("\(directory)/\(path)", mode) == 0)
        }

        /// - Parameter owners: Users who are trusted besides the engine's.
        func host(trusting owners: Set<UInt32> = []) -> PluginHost {
            var trust = PluginTrust.engine
            trust.owners.formUnion(owners)
            let settings = PluginSettings(
                engine: .init(name: "test", version: "0"), instance: "abcd", stateDirectory: "\(directory)/state",
                trust: trust)
            let foreign = ForeignPlugins(
                directory: "\(directory)/plugins", definitions: "\(directory)/definitions", store: store)
            let log = Logger(label: "plugins") { _ in SwiftLogNoOpLogHandler() }
            return PluginHost(
                [], settings, PluginCallbacks(reconcile: { ProviderReconcile() }), foreign: foreign, log: log)
        }
    }

    private func with(_ body: (Place, PluginHost) async throws -> Void) async throws {
        let place = try Place()
        try place.write(TextFile.read(BuildProducts.fixture("plugins/honest")), to: "plugins/stranger")
        let host = place.host()
        await host.start()
        do { try await body(place, host) } catch { Issue.record(error) }
        await host.shutdown(deadline: .seconds(2))
        try await Command.succeed(["rm", "-rf", place.directory])
    }

    private static let otherUser: UInt32 = 12345

    private func error(_ body: () async throws -> Void) async -> RPCError? {
        do {
            try await body()
            return nil
        } catch { return error as? RPCError }
    }

    @Test func `a plugin from elsewhere is inert until it is enabled`() async throws {
        try await with { place, host in
            #expect(host.summaries().map(\.state) == [.disabled])
            let refusal = await error { _ = try await host.provider(.link, named: "stranger") }
            #expect(refusal?.kind == .unavailable)
            #expect(refusal?.message.contains("is not enabled: run 'kenter plugin enable stranger'") == true)
            #expect(TextFile.names(in: "\(place.directory)/state").isEmpty)

            let summary = try await host.enable("stranger", grants: ["env=HTTP_PROXY"])
            #expect(summary.state == .running)
            #expect(try await host.provider(.link).name == "stranger")
            #expect(host.grantedVariables(of: "stranger") == ["HTTP_PROXY"])
            let record = try #require(try place.store.read { try $0.enabledPlugin("stranger") })
            #expect(record.path == place.plugin)
            #expect(record.file?.mode == 0o755)
            #expect(record.file?.digest.count == 64)
            #expect(record.manifest["plugin"]?.object?["version"] == "1.2")
            #expect(TextFile.names(in: "\(place.directory)/state") == ["stranger"])
        }
    }

    @Test func `an engine that starts again runs what was enabled`() async throws {
        try await with { place, host in
            _ = try await host.enable("stranger", grants: [])
            await host.shutdown(deadline: .seconds(2))
            let next = place.host()
            await next.start()
            #expect(try await next.provider(.link).name == "stranger")
            await next.shutdown(deadline: .seconds(2))
        }
    }

    @Test(arguments: ["text", "mode", "owner", "gone", "path"])
    func `a file that is not what was enabled is refused until it is enabled again`(change: String) async throws {
        try await with { place, host in
            _ = try await host.enable("stranger", grants: [])
            let text = TextFile.read(place.plugin)
            switch change {
            case "text": try place.write(text + "# more\n", to: "plugins/stranger")
            case "mode": chmod(place.plugin, 0o750)
            // Somebody who might have made it, but did not: only root can give files away.
            case "owner": if geteuid() == 0 { chown(place.plugin, Self.otherUser, 0) } else { return }
            case "gone": unlink(place.plugin)
            default:
                try place.write(text, to: "elsewhere/copy")
                try place.write(
                    "{\"path\":\"\(place.directory)/elsewhere/copy\"}", to: "definitions/stranger.json", mode: 0o644)
            }
            await host.shutdown(deadline: .seconds(2))
            let next = place.host(trusting: [Self.otherUser])
            await next.start()
            let refusal = await error { _ = try await next.call(PluginStatus(), role: .link, provider: "stranger") }
            #expect(refusal?.kind == .unavailable, "\(String(describing: refusal))")
            #expect(try next.summary("stranger").state == .failed)
            if change != "gone" {
                #expect(refusal?.message.contains("it is not what was enabled") == true)
                #expect(try await next.enable("stranger", grants: []).state == .running)
            }
            await next.shutdown(deadline: .seconds(2))
        }
    }

    // Only root can give files away.
    @Test(.enabled(if: geteuid() == 0)) func `a file that a stranger owns by now is not run, and not enabled again`()
        async throws
    {
        try await with { place, host in
            _ = try await host.enable("stranger", grants: [])
            chown(place.plugin, Self.otherUser, 0)
            await host.shutdown(deadline: .seconds(2))
            let next = place.host()
            await next.start()
            for refusal in [
                await error { _ = try await next.call(PluginStatus(), role: .link, provider: "stranger") },
                await error { _ = try await next.enable("stranger", grants: []) },
            ] {
                #expect(refusal?.kind == .unavailable)
                #expect(
                    refusal?.message.contains("belongs to the user \(Self.otherUser)") == true,
                    "\(String(describing: refusal))")
            }
            #expect(try next.summary("stranger").state == .failed)
            await next.shutdown(deadline: .seconds(2))
        }
    }

    @Test func `what cannot work is not enabled, and nothing is remembered of it`() async throws {
        try await with { place, host in
            for (text, reason) in [
                ("#!/bin/sh\nexit 3\n", "exited with status 3"),
                (TextFile.read(BuildProducts.fixture("plugins/disabled")), "frobnication"),
                (
                    TextFile.read(BuildProducts.fixture("plugins/no-common-version")),
                    "no version of the plugin contract"
                ),
            ] {
                try place.write(text, to: "plugins/stranger")
                let refusal = await error { _ = try await host.enable("stranger", grants: []) }
                #expect(refusal?.kind == .unavailable)
                #expect(refusal?.message.contains(reason) == true, "\(String(describing: refusal))")
            }
            chmod(place.plugin, 0o757)
            let refusal = await error { _ = try await host.enable("stranger", grants: []) }
            #expect(refusal?.message.contains("may be written by anyone") == true)
            #expect(try place.store.read { try $0.enabledPlugins() }.isEmpty)
            #expect(host.summaries().map(\.state) == [.disabled])
            #expect(TextFile.names(in: "\(place.directory)/state").isEmpty)
            let grant = await error { _ = try await host.enable("stranger", grants: ["everything"]) }
            #expect(grant?.kind == .invalidParams)
            let unknown = await error { _ = try await host.enable("nobody", grants: []) }
            #expect(unknown?.kind == .notFound)
        }
    }

    @Test func `a plugin that is disabled ends, and is inert again`() async throws {
        try await with { place, host in
            _ = try await host.enable("stranger", grants: [])
            let volume = VolumeRecord(
                id: "v1", name: "data", provider: "stranger", spec: .init(), labels: [:], createdAt: Timestamp.now,
                isAnonymous: false)
            try place.store.write { try $0.save(volume) }
            let refusal = await error { try await host.disable("stranger", isForced: false) }
            #expect(refusal?.kind == .precondition)
            #expect(refusal?.message.contains("provides volume data: remove those first") == true)
            try await host.disable("stranger", isForced: true)
            #expect(host.summaries().map(\.state) == [.disabled])
            #expect(try place.store.read { try $0.enabledPlugins() }.isEmpty)
        }
    }

    @Test func `a definition says where a plugin is, which roles it may play and its configuration`() async throws {
        try await with { place, host in
            unlink(place.plugin)
            try place.write(TextFile.read(BuildProducts.fixture("plugins/honest")), to: "elsewhere/other")
            let path = "\(place.directory)/elsewhere/other"
            try place.write(
                "{\"path\":\"\(path)\",\"roles\":[\"storage\"]}", to: "definitions/named.json", mode: 0o644)
            try place.write("{\"paht\":\"/x\"}", to: "definitions/wrong.json", mode: 0o644)
            try place.write("{\"address\":\"192.0.2.1:80\"}", to: "definitions/far.json", mode: 0o644)
            try place.write("{\"path\":\"\(path)\"}", to: "definitions/open.json", mode: 0o666)
            #expect(host.summaries().map(\.name) == ["far", "named", "open", "wrong"])
            for (name, reason) in [
                ("wrong", "paht"), ("far", "a plugin listens on 127.0.0.1"), ("open", "may be written by anyone"),
            ] {
                #expect(try host.summary(name).reason?.contains(reason) == true)
                let refusal = await error { _ = try await host.enable(name, grants: []) }
                #expect(refusal?.message.contains(reason) == true, "\(String(describing: refusal))")
            }
            _ = try await host.enable("named", grants: [])
            #expect(try await host.provider(.storage).name == "named")
            let refusal = await error { _ = try await host.provider(.link, named: "named") }
            #expect(refusal?.kind == .unsupported)
        }
    }

    @Test(arguments: [("same", "same", true), ("same", "other", false)])
    func `a plugin at an address proves that it knows the secret, and so does the engine`(
        ours: String, theirs: String, isKnown: Bool
    ) async throws {
        try await with { place, host in
            unlink(place.plugin)
            let secret = { (word: String) in String(repeating: word, count: 10) + "\n" }
            try place.write(secret(ours), to: "definitions/far.secret", mode: 0o600)
            try place.write(secret(theirs), to: "secret", mode: 0o600)
            let server = try ListeningPlugin(secretPath: "\(place.directory)/secret")
            try place.write("{\"address\":\"\(server.address)\"}", to: "definitions/far.json", mode: 0o644)
            if isKnown {
                #expect(try await host.enable("far", grants: []).state == .running)
                #expect(try await host.call(PluginStatus(), role: .link, provider: "far").healthy)
                let refusal = await error { _ = try await host.provider(.storage, named: "far") }
                #expect(refusal?.kind == .unsupported)
            } else {
                let refusal = await error { _ = try await host.enable("far", grants: []) }
                #expect(
                    refusal?.message.contains("it does not know the secret") == true, "\(String(describing: refusal))")
            }
            await host.shutdown(deadline: .seconds(2))
            server.end()
        }
    }

    /// Who speaks to a plugin at an address, and knows its secret or not.
    enum Caller: String, CaseIterable, Sendable {
        case engine
        /// Has another secret.
        case stranger
        /// Sends nothing, or the plugin's own proof back, or the engine's proof of an earlier conversation.
        case silent, mirror, replaying
    }

    @Test(arguments: Caller.allCases)
    func `a plugin at an address refuses whoever has no proof of the engine's`(_ caller: Caller) async throws {
        let path = "/tmp/kenter-secret-\(UInt32.random(in: 0...UInt32.max))"
        try TextFile.write(String(repeating: "same", count: 10), to: path)
        defer { unlink(path) }
        let server = try ListeningPlugin(secretPath: path)
        defer { server.end() }
        let ours = PluginSecret(Array(String(repeating: "same", count: 10).utf8))
        let nonce = PluginSecret.nonce()
        let (process, greeting) = try await greet(server, nonce)
        let theirs = try #require(greeting.nonce)
        #expect(greeting.proof == ours.pluginProof(engine: nonce, plugin: theirs))
        let proof: String?
        switch caller {
        case .engine: proof = ours.engineProof(engine: nonce, plugin: theirs)
        case .stranger:
            proof = PluginSecret([UInt8](repeating: 7, count: 40)).engineProof(engine: nonce, plugin: theirs)
        case .silent: proof = nil
        case .mirror: proof = greeting.proof
        case .replaying:
            let (earlier, before) = try await greet(server, nonce)
            earlier.end(.asked)
            proof = ours.engineProof(engine: nonce, plugin: before.nonce ?? "")
        }
        let refusal = await error {
            let configure = PluginConfigure(config: [:], stateDir: "/nonexistent", proof: proof)
            let answer = try await process.call(configure, timeout: .seconds(10))
            #expect(answer.ready)
        }
        #expect(refusal?.kind == (caller == .engine ? nil : .unauthenticated), "\(String(describing: refusal))")
        process.end(.asked)
    }

    /// A connection to a plugin at an address that has said hello.
    private func greet(
        _ server: ListeningPlugin, _ nonce: String
    ) async throws -> (PluginProcess, PluginHello.Result) {
        let log = Logger(label: "plugins") { _ in SwiftLogNoOpLogHandler() }
        let process = try PluginProcess(
            "far", at: try PluginAddress(server.address), output: PluginOutput(log: log, clock: .system)
        ) { _ in }
        let hello = PluginHello(
            protocol: .init(min: 1, max: 1), engine: .init(name: "test", version: "0"), instance: "abcd",
            limits: .init(lineBytes: 4 << 20, stateBytes: 16 << 10), nonce: nonce)
        return (process, try await process.call(hello, timeout: .seconds(10)))
    }

    @Test func `a secret that others may read is not used`() async throws {
        try await with { place, host in
            try place.write(String(repeating: "x", count: 40), to: "definitions/far.secret", mode: 0o644)
            try place.write("{\"address\":\"127.0.0.1:1\"}", to: "definitions/far.json", mode: 0o644)
            let refusal = await error { _ = try await host.enable("far", grants: []) }
            #expect(refusal?.kind == .unavailable)
        }
    }

    @Test func `the code is that of RFC 4231`() {
        // Test case 2.
        #expect(
            PluginSecret(Array("Jefe".utf8)).code("what do ya want for nothing?")
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }
}
