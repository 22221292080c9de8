import Glibc
import JSONRPC
import TestSupport
import Testing

/// A plugin dies before or after it answers any call of an operation, or with its answer: the operation fails cleanly or succeeds, the engine
/// comes to rest by itself, and nothing stays on the host.
@Suite struct PluginDeathTests {
    /// Those that call plugins: limits are the engine's own affair.
    static let cases = CrashCase.all.filter { $0.call[0] != "update" }

    @Test(arguments: cases)
    func aPluginThatDiesAtAnyCallLeavesNothing(_ test: CrashCase) async throws {
        try await test.withEngine { engine in
            let traces = try await EngineTraces(of: engine)
            for (plan, number, moment) in try await deaths(in: test, engine) {
                try await test.prepare(engine)
                let bystanders = try await test.bystanderStates(engine)
                try TextFile.write("\(plan) \(number)", to: engine.crashPlan)
                let result = try await engine.kenter(test.call)
                unlink(engine.crashPlan)
                #expect(result.exit == 0 || !result.errors.isEmpty, "\(moment): \(result)")
                // By hand, so that the wait between two starts does not grow from moment to moment.
                for plugin in ["network-routed", "storage-overlay", test.linkProvider ?? "link-legacy"] {
                    try await engine.kenter("plugin", "restart", plugin)
                }
                let outcome = CrashOutcome(test, result, engine, moment)
                try await outcome.expectBystanders(bystanders)
                try await outcome.expectWhole()
                try await outcome.expectNothingLeft(since: traces)
            }
        }
    }

    /// How plugins may die in a call: the plan, its number, and in words. What only asks has no effect to be lost.
    private func deaths(in test: CrashCase, _ engine: TestEngine) async throws -> [(String, Int, String)] {
        let moments = try await test.moments(engine, plan: "plugin 0")
        #expect(moments.count >= 2, "\(moments)")
        let answers = try await test.moments(engine, plan: "answer 0").enumerated().filter { _, method in
            !["validate", "plan", "describe", "hello", "configure"].contains { method.hasSuffix(".\($0)") }
        }
        return moments.enumerated().map { ("plugin", $0 + 1, "a plugin died \($1), number \($0 + 1)") }
            + answers.map { ("answer", $0 + 1, "a plugin died with its answer to \($1)") }
    }
}
