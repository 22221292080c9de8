import Glibc
import JSONRPC
import TestSupport
import Testing

/// The engine dies at every moment of a call at which something has changed or is about to, and the next one makes
/// everything whole: what was acknowledged is there, what was not is gone or as it was, nobody else notices, and nothing
/// stays on the host.
@Suite struct CrashTests {
    /// A way for the engine to die in a call.
    private struct Death {
        /// What the crash plan says; `nil` has it die as soon as it has answered.
        var plan: String?
        var moment: String
        /// Whether all is written by then, though nobody was told.
        var isLast = false
    }

    @Test(arguments: CrashCase.all)
    func aCrashAtAnyMomentIsMadeWhole(_ test: CrashCase) async throws {
        try await test.withEngine { engine in
            let traces = try await EngineTraces(of: engine)
            for death in try await deaths(in: test, engine) {
                try await test.prepare(engine)
                let before = try await Footprint(of: engine)
                let bystanders = try await test.bystanderStates(engine)
                if let plan = death.plan { try TextFile.write(plan, to: engine.crashPlan) }
                let result = try await engine.kenter(test.call)
                unlink(engine.crashPlan)
                if death.plan == nil { #expect(result.exit == 0, "\(result)") }
                if !engine.hasEnded { await engine.crash() }
                let halted = engine.haltedProcesses
                try await engine.start()
                // What the dead engine had at work is gone once the new one takes calls: its work is its own.
                #expect(engine.haltedProcesses.isEmpty, "\(death.moment)")
                for pid in halted { kill(pid, SIGCONT) }
                var outcome = CrashOutcome(test, result, engine, death.moment)
                outcome.isWritten = result.exit == 0 || death.isLast
                try await outcome.expectBystanders(bystanders)
                if test.call[0] == "run", try await !engine.names().contains("aa") {
                    let now = try await Footprint(of: engine)
                    #expect(now == before, "\(death.moment): something stays\nnow: \(now)\nbefore: \(before)")
                }
                try await outcome.expectWhole()
                try await outcome.expectNothingLeft(since: traces)
            }
        }
    }

    private func deaths(in test: CrashCase, _ engine: TestEngine) async throws -> [Death] {
        let moments = try await test.moments(engine, plan: "0")
        #expect(moments.count > 3, "\(moments)")
        var deaths = moments.enumerated().map { number, moment in
            Death(
                plan: "\(number + 1)", moment: "the engine died \(moment), number \(number + 1)",
                isLast: number == moments.count - 1)
        }
        deaths.append(Death(moment: "the engine died after its answer"))
        let tools = try await test.moments(engine, plan: "hold 0")
        return deaths
            + tools.enumerated().map { number, moment in
                Death(plan: "hold \(number + 1)", moment: "the engine died \(moment), which went on")
            }
    }

    /// Wherever in its work the runtime is: what it has made so far goes, and it makes no more.
    @Test func aRuntimeThatIsSlowMakesNothingForADeadEngine() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let traces = try await EngineTraces(of: engine)
            var rounds = 0
            // It may be done before it is seen.
            for _ in 0..<40 where rounds < 5 {
                async let result = engine.kenter(["run", "-d", "--name", "aa", "busybox", "sleep", "1d"])
                let isHalted = await eventually(within: .seconds(1)) {
                    for pid in engine.makers { kill(pid, SIGSTOP) }
                    return !engine.haltedProcesses.isEmpty
                }
                if isHalted {
                    rounds += 1
                    await engine.crash()
                    _ = try await result
                    let halted = engine.haltedProcesses
                    try await engine.start()
                    #expect(engine.haltedProcesses.isEmpty)
                    for pid in halted { kill(pid, SIGCONT) }
                    #expect(try await engine.names().isEmpty)
                } else {
                    _ = try await result
                }
                try await engine.removeEverything()
                try await engine.expectNothingLeft(of: "the engine died while the runtime made a container")
                try await engine.expectTraces(traces, after: "the engine died while the runtime made a container")
            }
            #expect(rounds == 5, "it was hardly ever seen at work")
        }
    }

    @Test func aDeadEngineDoesNotWriteOverWhatAContainerHasWritten() async throws {
        let test = CrashCase(
            call: ["start", "aa"], before: [["create", "--name", "aa", "-v", "data:/data", "bb-vol", "sleep", "1d"]],
            images: ["bb-vol"])
        try await test.withEngine { engine in
            let moments = try await test.moments(engine, plan: "hold 0")
            let number = try #require(moments.firstIndex(of: "while a volume is filled"), "\(moments)")
            var halted: [Int32] = []
            // What is filled is so small that it may be done before it can be halted.
            for _ in 0..<10 where halted.isEmpty {
                try await engine.removeEverything()
                try await test.prepare(engine)
                try TextFile.write("hold \(number + 1)", to: engine.crashPlan)
                _ = try await engine.kenter(test.call)
                #expect(await eventually { engine.hasEnded })
                halted = engine.haltedProcesses
                try await engine.start()
            }
            #expect(halted.count == 1)
            try await engine.kenter("start", "aa")
            try await engine.kenter("exec", "aa", "sh", "-c", "echo mine >/data/seed")
            for pid in halted { kill(pid, SIGCONT) }
            let isGone = await eventually { halted.allSatisfy { kill($0, 0) != 0 } }
            #expect(isGone)
            #expect(try await engine.kenter("exec", "aa", "cat", "/data/seed") == "mine")
        }
    }
}

extension CrashCase {
    /// Runs `body` with an engine that dies when told to, and has what the case needs.
    func withEngine(_ body: (TestEngine) async throws -> Void) async throws {
        let configuration = linkProvider.map { #"{"defaultProviders": {"link": "\#($0)"}}"# }
        let arguments = linkProvider.map { ["--plugins", BuildProducts.fixture("plugins/\($0)")] } ?? []
        try await TestEngine.with(
            images: ["busybox"] + images, configuration: configuration, arguments: arguments, crashes: true, body)
    }

    /// The moments that a call comes by where nothing dies.
    func moments(_ engine: TestEngine, plan: String) async throws -> [String] {
        try await prepare(engine)
        try TextFile.write(plan, to: engine.crashPlan)
        let counted = try await engine.kenter(call)
        unlink(engine.crashPlan)
        #expect(counted.exit == 0, "\(counted)")
        try await engine.removeEverything()
        defer { unlink(engine.crashPlan + ".moments") }
        return TextFile.read(engine.crashPlan + ".moments").split(separator: "\n").map(String.init)
    }

    func prepare(_ engine: TestEngine) async throws {
        if let linkProvider { unlink("\(engine.root)/plugin-state/\(linkProvider)/actions") }
        for command in before { try await engine.expectSuccess(command) }
    }

    /// Name → what must not change of it.
    func bystanderStates(_ engine: TestEngine) async throws -> [String: JSONValue] {
        var states: [String: JSONValue] = [:]
        for name in bystanders { states[name] = try await engine.lasting(of: name) }
        return states
    }
}

extension TestEngine {
    func names() async throws -> [String] {
        let listed = try await call("container.list", ["all": true])["result"]["containers"].array ?? []
        return listed.compactMap { $0["name"].string }
    }

    /// Removes containers, volumes and networks; each must go.
    func removeEverything() async throws {
        let names = try await names()
        if !names.isEmpty { try await expectSuccess(["rm", "-f", "-v"] + names) }
        for (method, parameters) in [("volume.prune", ["all": true] as JSONValue), ("network.prune", [:])] {
            let answer = try await call(method, parameters)
            if answer["error"] != .null { throw CommandFailure("\(method): \(answer.text)") }
        }
    }

    func expectSuccess(_ arguments: [String]) async throws {
        let result = try await kenter(arguments)
        if result.exit != 0 { throw CommandFailure(result.description) }
    }

    /// What stays the same of a container for as long as it runs on.
    func lasting(of name: String) async throws -> JSONValue {
        let container = try await inspect(name)
        let state = container["state"]
        return [
            "id": container["id"], "status": state["status"], "pid": state["pid"], "startedAt": state["startedAt"],
            "restartCount": container["restartCount"],
        ]
    }
}
