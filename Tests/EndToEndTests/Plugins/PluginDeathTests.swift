import Glibc
import JSONRPC
import TestSupport
import Testing

/// A plugin dies before or after it answers any call of an operation: the operation fails cleanly or succeeds, the engine
/// comes to rest by itself, and nothing stays on the host.
@Suite struct PluginDeathTests {
    /// Those that call plugins: limits are the engine's own affair.
    static let cases = CrashTests.cases.filter { $0.call[0] != "update" }

    @Test(arguments: cases)
    func aPluginThatDiesAtAnyCallLeavesNothing(_ test: CrashTests.Case) async throws {
        try await TestEngine.with(images: ["busybox"], crashes: true) { engine in
            let moments = try await CrashTests.moments(of: test, engine, plan: "plugin 0")
            #expect(moments.count >= 2, "\(moments)")
            for (number, moment) in moments.enumerated() {
                try await CrashTests.prepare(test, engine)
                try TextFile.write("plugin \(number + 1)", to: engine.crashPlan)
                let result = try await engine.kenter(test.call)
                unlink(engine.crashPlan)
                #expect(result.exit == 0 || !result.errors.isEmpty, "\(moment): \(result)")
                // By hand, so that the wait between two starts does not grow from moment to moment.
                for plugin in ["network-routed", "storage-overlay", "link-legacy"] {
                    try await engine.kenter("plugin", "restart", plugin)
                }
                try await expectWhole(test, result, engine, moment)
            }
        }
    }

    private func expectWhole(
        _ test: CrashTests.Case, _ result: CommandResult, _ engine: TestEngine, _ moment: String
    ) async throws {
        let listed = try await engine.call("container.list", ["all": true])["result"]["containers"].array ?? []
        let names = listed.compactMap { $0["name"].string }
        for name in test.mustLeave { #expect(names.contains(name), "\(moment): \(names)") }
        switch test.call[0] {
        case "link": try await CrashTests.expectWholeLink(result, engine, moment)
        case "network": try await CrashTests.expectWholeNetwork(test, result, result.exit == 0, engine, moment)
        case "rm", "volume": try await CrashTests.expectWholeVolumes(test, result, result.exit == 0, engine, moment)
        default: break
        }
        // The same again, or the rest of it, works as if nothing had been.
        for name in names { #expect(try await engine.kenter(["start", name]).exit == 0, "\(moment): \(name)") }
        if !names.isEmpty { try await engine.kenter(["rm", "-f", "-v"] + names, expecting: 0) }
        try await engine.expectNothingLeft(of: "a plugin died \(moment)")
        #expect(TextFile.names(in: "\(engine.root)/containers").isEmpty, "\(moment)")
    }
}

extension TestEngine {
    fileprivate func kenter(_ arguments: [String], expecting exit: Int32) async throws {
        let result = try await kenter(arguments)
        if result.exit != exit { throw CommandFailure(result.description) }
    }
}
