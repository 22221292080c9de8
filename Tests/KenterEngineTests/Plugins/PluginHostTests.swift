import Glibc
import JSONRPC
import KenterEngine
import KenterProtocol
import TestSupport
import Testing

@Suite struct PluginHostTests {
    @Test func `a plugin starts in surroundings of its own and gets what the engine knows`() async throws {
        let configure = { (settings: inout PluginSettings) in
            settings.configurations = ["honest": ["greeting": "hello"]]
        }
        try await PluginHostFixture.with("honest", change: configure) { fixture in
            let status = try await fixture.status()
            let seen = try JSONValue(text: try #require(status.detail))
            // Python adds LC_CTYPE by itself.
            #expect(seen["environment"].strings.filter { $0 != "LC_CTYPE" } == ["LANG", "PATH"])
            #expect(seen["directory"] == .string("\(fixture.directory)/honest"))
            #expect(seen["mode"] == "0o700")
            #expect(seen["highest"] == 2)
            #expect(seen["leads"] == true)
            #expect(seen["config"] == ["greeting": "hello"])
            #expect(seen["known"] == ["v1", "v2"])
            #expect(
                await eventually { fixture.reconciled["honest"] == ["link", "storage", "v1", "v2"] })
        }
    }

    @Test func `its events pass when it has announced their kind`() async throws {
        try await PluginHostFixture.with("honest") { fixture in
            try await fixture.status()
            #expect(fixture.events.map(\.kind) == ["tick"])
        }
    }

    @Test func `the summary tells name, version, roles, state and process`() async throws {
        try await PluginHostFixture.with("honest", "slow-hello") { fixture in
            #expect(fixture.host.summaries().map(\.name) == ["honest", "slow-hello"])
            #expect(fixture.state(of: "slow-hello") == .starting)
            #expect(await eventually { fixture.state(of: "honest") == .running })
            let summary = try #require(fixture.summary("honest"))
            #expect(summary.version == "1.2")
            #expect(summary.roles == ["link", "storage"])
            #expect(kill(pid_t(try #require(summary.pid)), 0) == 0)
            #expect(throws: RPCError.self) { try fixture.host.summary("none") }
        }
    }

    @Test func `a call waits for a plugin that is starting`() async throws {
        try await PluginHostFixture.with("slow-hello") { fixture in
            let status = try await fixture.status()
            #expect(status.healthy)
        }
    }

    @Test func `a call does not wait longer than its deadline for a plugin that is starting`() async throws {
        try await PluginHostFixture.with("silent") { fixture in
            #expect(await fixture.statusError(timeout: .milliseconds(50))?.kind == .timeout)
        }
    }

    @Test func `the plugin's own error passes, named and made safe`() async throws {
        try await PluginHostFixture.with("honest") { fixture in
            await #expect {
                try await fixture.host.call(ProviderLinkRevoke(linkId: "l"), role: .link)
            } throws: { error in
                let error = error as? RPCError
                return error?.kind == .conflict && error?.message == "in use\\u{1b}[0m"
                    && error?.details["plugin"] == "honest"
            }
        }
    }

    @Test func `a method that the plugin does not know is unsupported`() async throws {
        try await PluginHostFixture.with("honest") { fixture in
            await #expect {
                try await fixture.host.call(ProviderLinkDescribe(), role: .link)
            } throws: { error in
                (error as? RPCError)?.message == "plugin 'honest' cannot do provider.link.describe"
            }
        }
    }

    @Test func `a state over 16 KiB is refused, and the plugin lives on`() async throws {
        try await PluginHostFixture.with("honest") { fixture in
            let plan = LinkPlan()
            let largest = 16384 - #"{"text":""}"#.utf8.count
            func establish(_ bytes: Int) async throws {
                let call = ProviderLinkEstablish(linkId: "\(bytes)", plan: plan)
                _ = try await fixture.host.call(call, role: .link)
            }
            try await establish(largest)
            await #expect { try await establish(largest + 1) } throws: { error in
                (error as? RPCError)?.kind == .pluginProtocol
            }
            try await fixture.status()
        }
    }

    @Test func `a plugin gets no more calls at once than it takes`() async throws {
        try await PluginHostFixture.with("works-one-at-a-time") { fixture in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<4 { group.addTask { try await fixture.status().healthy } }
                for try await wasAlone in group { #expect(wasAlone) }
            }
        }
    }

    @Test func `a cancelled call ends at once`() async throws {
        try await PluginHostFixture.with("never-answers") { fixture in
            #expect(await eventually { fixture.state(of: "never-answers") == .running })
            let task = Task { await fixture.statusError() }
            task.cancel()
            #expect(await task.value?.kind == .cancelled)
        }
    }

    @Test func `a restart by hand ends the process and brings up another`() async throws {
        try await PluginHostFixture.with("honest") { fixture in
            try await fixture.status()
            let before = fixture.summary("honest")?.pid
            try await fixture.host.restart("honest")
            let after = try #require(fixture.summary("honest"))
            #expect(after.state == .running)
            #expect(after.pid != before)
            try await fixture.status()
            await #expect(throws: RPCError.self) { try await fixture.host.restart("none") }
        }
    }

    @Test func `after shutdown no process is left and calls are refused`() async throws {
        try await PluginHostFixture.with("honest") { fixture in
            try await fixture.status()
            let pid = pid_t(try #require(fixture.summary("honest")?.pid))
            await fixture.host.shutdown()
            #expect(kill(pid, 0) == -1)
            #expect(fixture.state(of: "honest") == .stopped)
            #expect(await fixture.statusError()?.kind == .unavailable)
        }
    }

    @Test func `one that does not exit after its input has ended is killed`() async throws {
        try await PluginHostFixture.with("ignores-the-end") { fixture in
            try await fixture.status()
            let pid = pid_t(try #require(fixture.summary("ignores-the-end")?.pid))
            await fixture.host.shutdown(deadline: .milliseconds(200))
            #expect(kill(pid, 0) == -1)
        }
    }

    @Test func `a plugin has all the time it was told to finish what it does`() async throws {
        try await PluginHostFixture.with("finishes-slowly") { fixture in
            try await fixture.status()
            await fixture.host.shutdown(deadline: .seconds(4))
            #expect(TextFile.read("\(fixture.directory)/finishes-slowly/ending") == "in time")
        }
    }
}
