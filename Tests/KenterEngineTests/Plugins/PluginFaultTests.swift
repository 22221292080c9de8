import Glibc
import JSONRPC
import KenterEngine
import KenterProtocol
import TestSupport
import Testing

/// Each plugin of Tests/Fixtures/plugins has one fault, named by its file.
@Suite struct PluginFaultTests {
    // MARK: against the contract

    static let violations: [(plugin: String, deed: String)] = [
        ("wrong-shape", "answered plugin.status with a wrong shape: healthy: expected a boolean, found a string"),
        ("wrong-result", "sent a line that is no valid message: a result must be an object and have an id"),
        ("wrong-log", "sent plugin.log with a wrong shape: missing 'message'"),
        ("unknown-id", "answered a call that it was never asked, or twice: 999"),
        ("duplicate-key", "sent a line that is no valid message: the line is not valid JSON: "),
        ("oversized-line", "sent a line that is no valid message: a line may have at most 4194304 bytes"),
        ("sends-a-request", "sent the request 'engine.info'; a plugin only answers"),
        ("writes-garbage", "sent a line that is no valid message: the line is not valid JSON: "),
    ]

    @Test(arguments: violations)
    func `what breaks the contract ends the plugin`(_ plugin: String, _ deed: String) async throws {
        try await PluginHostFixture.with(plugin) { fixture in
            let error = await fixture.statusError()
            #expect(error?.kind == .pluginProtocol)
            let expected = "plugin '\(plugin)' broke the plugin contract during plugin.status and was ended: it \(deed)"
            #expect(error?.message.hasPrefix(expected) == true, "\(error?.message ?? "")")
            #expect(await eventually { fixture.delays == [.milliseconds(500)] })
        }
    }

    @Test func `a second answer to one call ends the plugin`() async throws {
        try await PluginHostFixture.with("answers-twice") { fixture in
            try await fixture.status()
            #expect(await eventually { fixture.delays == [.milliseconds(500)] })
        }
    }

    @Test func `one that misses what it was not asked for does not come up`() async throws {
        try await PluginHostFixture.with("misses-strangers") { fixture in
            #expect(await eventually { fixture.state(of: "misses-strangers") == .failed })
            let reason = fixture.summary("misses-strangers")?.reason
            #expect(reason?.contains("misses 'stranger', which it was not asked for") == true)
            #expect(fixture.reconciled.isEmpty)
        }
    }

    // MARK: death

    @Test func `death fails the call at once, with exit status and last words`() async throws {
        try await PluginHostFixture.with("dies-in-a-call") { fixture in
            let error = await fixture.statusError()
            #expect(error?.kind == .pluginCrashed)
            #expect(
                error?.message == "plugin 'dies-in-a-call' died during plugin.status: "
                    + #"it exited with status 7, last saying: cannot go on\u{1b}[31m"#)
            #expect(error?.details["exitCode"] == 7)
            #expect(error?.details["stderr"] == [#"cannot go on\u{1b}[31m"#])
        }
    }

    @Test func `half an answer of one that is killed is no answer`() async throws {
        try await PluginHostFixture.with("killed-while-writing") { fixture in
            let error = await fixture.statusError()
            #expect(error?.kind == .pluginCrashed)
            #expect(error?.details["signal"] == 9)
        }
    }

    @Test func `an answer just before the end counts`() async throws {
        try await PluginHostFixture.with("answers-then-exits") { fixture in
            let status = try await fixture.status()
            #expect(status.healthy)
        }
    }

    @Test(arguments: ["leaves-a-child", "leaves-a-daemon"])
    func `death is noticed although another process holds the pipes`(_ plugin: String) async throws {
        try await PluginHostFixture.with(plugin) { fixture in
            #expect(await eventually { fixture.state(of: plugin) == .running })
            let started = ContinuousClock.now
            #expect(await fixture.statusError()?.kind == .pluginCrashed)
            #expect(.now - started < .seconds(15))
        }
    }

    @Test func `one that closes its standard output is ended`() async throws {
        try await PluginHostFixture.with("closes-stdout") { fixture in
            let error = await fixture.statusError()
            #expect(error?.kind == .pluginCrashed)
            #expect(error?.message.contains("it was ended because it closed its standard output") == true)
        }
    }

    @Test func `one that closes its standard input is ended with its calls, and its next life serves`() async throws {
        try await PluginHostFixture.with("closes-stdin") { fixture in
            #expect(await eventually { fixture.state(of: "closes-stdin") == .running })
            // That it is given up cannot be told to the plugin any more: so much for the first life.
            #expect(await fixture.statusError(timeout: .milliseconds(500))?.kind == .timeout)
            let error = await fixture.statusError()
            #expect(error?.kind == .pluginCrashed)
            #expect(error?.message.contains("it was ended because it closed its standard input") == true)
            #expect(error?.details["signal"] == 9)
            #expect(
                await eventually {
                    fixture.state(of: "closes-stdin") == .running
                        && fixture.summary("closes-stdin")?.restartCount == 1
                })
            let status = try await fixture.status()
            #expect(status.healthy)
            #expect(fixture.delays == [.milliseconds(500)])
        }
    }

    @Test func `one that has closed its standard input can be stopped`() async throws {
        try await PluginHostFixture.with("closes-stdin") { fixture in
            #expect(await eventually { fixture.state(of: "closes-stdin") == .running })
            let pid = try #require(fixture.summary("closes-stdin")?.pid)
            #expect(await fixture.statusError(timeout: .milliseconds(500))?.kind == .timeout)
            let begin = ContinuousClock.now
            await fixture.host.shutdown(deadline: .seconds(2))
            #expect(.now - begin < .seconds(15))
            #expect(kill(pid_t(pid), 0) != 0)
        }
    }

    @Test func `one that keeps dying is started ten times more, then stays down until it is restarted`() async throws {
        try await PluginHostFixture.with("dies-at-once") { fixture in
            #expect(await eventually(within: .seconds(30)) { fixture.state(of: "dies-at-once") == .failed })
            let summary = try #require(fixture.summary("dies-at-once"))
            #expect(summary.restartCount == 10)
            #expect(summary.lastStderr == ["no luck today"])
            #expect(
                summary.reason == "it died 11 times within 10 minutes; the last time it exited with status 3, "
                    + "last saying: no luck today")
            let delays = [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60].map { Duration.seconds($0) }
            #expect(fixture.delays == delays)
            let error = await fixture.statusError()
            #expect(error?.kind == .unavailable)
            #expect(error?.message.hasSuffix("run 'kenter plugin restart dies-at-once'") == true)
            await #expect(throws: RPCError.self) { try await fixture.host.restart("dies-at-once") }
        }
    }

    @Test func `while it waits for its next start, calls are refused at once`() async throws {
        let patient = { (settings: inout PluginSettings) in
            settings.clock.sleep = { _ in try await Task.sleep(for: .seconds(60)) }
        }
        try await PluginHostFixture.with("dies-in-a-call", change: patient) { fixture in
            _ = await fixture.statusError()
            let error = await fixture.statusError()
            #expect(error?.kind == .unavailable)
            #expect(error?.details["state"] == "backingOff")
            #expect(error?.message.contains("it is started again within 0.5 seconds") == true)
            // By hand it comes up at once.
            try await fixture.host.restart("dies-in-a-call")
        }
    }

    // MARK: slowness

    @Test func `a call without answer fails by its deadline, and the plugin lives on`() async throws {
        try await PluginHostFixture.with("never-answers") { fixture in
            #expect(await eventually { fixture.state(of: "never-answers") == .running })
            let pid = fixture.summary("never-answers")?.pid
            let error = await fixture.statusError(timeout: .milliseconds(50))
            #expect(error?.kind == .timeout)
            #expect(fixture.summary("never-answers")?.pid == pid)
        }
    }

    @Test func `a late answer is dropped`() async throws {
        try await PluginHostFixture.with("answers-late") { fixture in
            #expect(await eventually { fixture.state(of: "answers-late") == .running })
            #expect(await fixture.statusError(timeout: .milliseconds(20))?.kind == .timeout)
            let status = try await fixture.status()
            #expect(status.healthy)
            #expect(fixture.delays.isEmpty)
        }
    }

    @Test func `one that says no hello in time is ended`() async throws {
        let hasten = { (settings: inout PluginSettings) in settings.helloTimeout = .milliseconds(50) }
        try await PluginHostFixture.with("silent", change: hasten) { fixture in
            #expect(await eventually { fixture.state(of: "silent") == .failed })
            let reason = fixture.summary("silent")?.reason
            #expect(reason?.contains("it was ended because it failed to start: ") == true)
            #expect(reason?.contains("plugin.hello took longer than 0.05 seconds") == true)
        }
    }

    @Test func `a flood on standard error blocks nobody and is cut to its end`() async throws {
        try await PluginHostFixture.with("floods-stderr") { fixture in
            let status = try await fixture.status()
            #expect(status.healthy)
            #expect(
                await eventually { fixture.summary("floods-stderr")?.lastStderr.last == "the last line" })
            #expect(fixture.summary("floods-stderr")?.lastStderr.count == 20)
        }
    }

    // MARK: refusals

    static let refusals: [(plugin: String, reason: String)] = [
        (
            "other-version",
            "no version of the plugin contract is common to both: the engine speaks 1 to 1, the plugin 7; "
                + "update one of them"
        ),
        (
            "no-common-version",
            "no version of the plugin contract is common to both: the engine speaks 1 to 1, "
                + "the plugin answers: speaks 5 to 9; update one of them"
        ),
        ("disabled", "it cannot work on this host: the kernel lacks frobnication"),
        ("no-known-role", "it plays no role that this engine knows: it must be one of 'network', 'storage', 'link'"),
    ]

    @Test(arguments: refusals)
    func `one that cannot work fails without another start, and says why`(
        _ plugin: String, _ reason: String
    ) async throws {
        try await PluginHostFixture.with(plugin) { fixture in
            #expect(
                await eventually {
                    fixture.summary(plugin)?.pid == nil && fixture.state(of: plugin) == .failed
                })
            #expect(fixture.summary(plugin)?.reason == reason)
            #expect(fixture.delays.isEmpty)
        }
    }
}
