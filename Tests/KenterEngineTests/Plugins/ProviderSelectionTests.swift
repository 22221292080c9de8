import JSONRPC
import KenterEngine
import KenterProtocol
import Testing

@Suite struct ProviderSelectionTests {
    private func error(_ body: () async throws -> Void) async -> RPCError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? RPCError
        }
    }

    @Test func `the only plugin of a role is its provider`() async throws {
        try await PluginHostFixture.with("honest", "slow-hello") { fixture in
            let provider = try await fixture.host.provider(.storage)
            #expect(provider.name == "honest")
            #expect(provider.version == "1.2")
            #expect(provider.capabilities == ["volumes"])
            #expect(provider.stateDirectory == "\(fixture.directory)/honest")
        }
    }

    @Test func `with several plugins of a role the configuration must name one`() async throws {
        try await PluginHostFixture.with("honest", "slow-hello") { fixture in
            let error = await error { _ = try await fixture.host.provider(.link) }
            #expect(error?.kind == .precondition)
            #expect(
                error?.message == "several plugins play the role 'link' ('honest', 'slow-hello'): "
                    + "name one in config.json, defaultProviders.link")
            let chosen = try await fixture.host.provider(.link, named: "slow-hello")
            #expect(chosen.name == "slow-hello")
        }
        let choose = { (settings: inout PluginSettings) in settings.defaultProviders = [.link: "slow-hello"] }
        try await PluginHostFixture.with("honest", "slow-hello", change: choose) { fixture in
            let chosen = try await fixture.host.provider(.link)
            #expect(chosen.name == "slow-hello")
        }
    }

    @Test func `a role that nobody plays fails closed`() async throws {
        try await PluginHostFixture.with("honest") { fixture in
            let error = await error { _ = try await fixture.host.call(ProviderNetworkCheck(), role: .network) }
            #expect(error?.kind == .unavailable)
            #expect(error?.message == "no plugin plays the role 'network': install one that does")
        }
    }

    @Test func `a plugin that never came up is named where its role is wanted`() async throws {
        try await PluginHostFixture.with("disabled") { fixture in
            let error = await error { try await fixture.status() }
            #expect(error?.kind == .unavailable)
            #expect(error?.message.contains("the kernel lacks frobnication") == true)
        }
    }

    @Test func `an unknown name and a wrong role are told apart`() async throws {
        try await PluginHostFixture.with("honest") { fixture in
            let unknown = await error { _ = try await fixture.host.provider(.link, named: "other") }
            #expect(unknown?.kind == .notFound)
            #expect(unknown?.message == "no plugin named 'other': there is 'honest'")
            let wrong = await error { _ = try await fixture.host.provider(.network, named: "honest") }
            #expect(wrong?.kind == .unsupported)
            // What plays another role is no answer to who asks for this one.
            let bridge = await error { _ = try await fixture.host.provider(.network, named: "bridge") }
            #expect(bridge?.message == "no plugin named 'bridge': there is none")
        }
    }

    @Test func `a provider that lacks what is needed is none`() async throws {
        try await PluginHostFixture.with("honest") { fixture in
            let chosen = try await fixture.host.provider(.storage, needing: .volumes)
            #expect(chosen.name == "honest")
            let lacking = await error { _ = try await fixture.host.provider(.storage, needing: .rootfs) }
            #expect(lacking?.kind == .unavailable)
            #expect(
                lacking?.message
                    == "no plugin plays the role 'storage' with the capability 'rootfs': install one that does")
            let named = await error { _ = try await fixture.host.provider(.storage, named: "honest", needing: .rootfs) }
            #expect(named?.kind == .unsupported)
            #expect(
                named?.message
                    == "plugin 'honest' has no capability 'rootfs' in the role 'storage': name another provider")
        }
    }
}
