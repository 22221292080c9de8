import ChildProcess
import Glibc
import JSONRPC
import TestSupport
import Testing

/// Runs the commands of a recording with `kenter` for `docker` and compares what matters.
struct GoldenReplay {
    let scenario: GoldenScenario
    let engine: TestEngine
    private let differences: [Int: GoldenDifference]
    private var known = GoldenIdentities()

    init(_ scenario: GoldenScenario, on engine: TestEngine) throws {
        self.scenario = scenario
        self.engine = engine
        differences = try GoldenDifference.load(scenario: scenario.name)
    }

    /// Replays every step and records an issue for each that differs.
    mutating func run() async throws {
        for (index, recorded) in scenario.steps.enumerated() {
            let difference = differences[index]
            if difference?.isSkipped == true { continue }
            var expected = recorded
            expected.arguments = difference?.arguments ?? recorded.arguments
            expected.exit = difference?.exit ?? recorded.exit
            expected.output = difference?.output ?? recorded.output
            let scratch = "\(engine.directory)/scratch"
            expected.errors = (difference?.errors ?? recorded.errors).replacing("<tmp>", with: scratch)
            let arguments = known.translate(expected.arguments, scratch: scratch)
            let comparison = GoldenComparison(
                arguments: expected.arguments, exitOnly: difference?.comparesExitOnly ?? false)
            try await replay(index, expected, arguments, comparison)
        }
    }

    private mutating func replay(
        _ index: Int, _ expected: GoldenScenario.Step, _ arguments: [String], _ comparison: GoldenComparison
    ) async throws {
        var complaint: String?
        var observed = try await execute(arguments)
        // What a server in a container answers becomes true only once it is up.
        let patience: Duration = expected.arguments.first == "ns" ? .seconds(60) : .zero
        _ = try await eventually(within: patience) {
            known.learn(recorded: expected, observed: observed, scenario: scenario)
            complaint = comparison.complaint(expected: expected, observed: observed, known: known)
            if complaint != nil && patience > .zero { observed = try await execute(arguments) }
            return complaint == nil
        }
        if let complaint {
            Issue.record("\(scenario.name) step \(index): \(complaint)\n\(observed)")
        }
        if comparison.kind == .hosts, observed.exit == 0, !observed.output.contains("^I") {
            try await expectTrueAddresses(index, observed)
        }
    }

    private func execute(_ arguments: [String]) async throws -> CommandResult {
        switch arguments.first {
        case "docker":
            return try await DockerCommand(Array(arguments.dropFirst()), engine: engine).run()
        case "ns":
            return try await Command.run(engine.network.entering(Array(arguments.dropFirst())))
        case "cat" where arguments.last?.hasPrefix("<hosts of ") == true:
            let id = arguments[1].dropFirst("<hosts of ".count).dropLast()
            let path = try await engine.inspect(String(id))["hostsPath"].string ?? "/nonexistent"
            return try await Command.run(["cat", path])
        default:
            // A shell of the host finds `kenter` under the name of `docker`.
            let tools = "\(engine.directory)/tools"
            if mkdir(tools, 0o755) == 0 { symlink(BuildProducts.executable("kenter"), "\(tools)/docker") }
            let path = ["PATH=\(tools):\(ChildProcess.searchPath)", "LC_ALL=C.UTF-8"]
            return try await Command.run(
                arguments, environment: engine.environment.filter { !$0.hasPrefix("PATH=") } + path)
        }
    }

    /// A hosts line that names a running container by its id must hold that container's address of now.
    private func expectTrueAddresses(_ index: Int, _ observed: CommandResult) async throws {
        for line in observed.lines {
            let words = line.split(separator: "\t").flatMap { $0.split(separator: " ") }.map(String.init)
            guard let address = words.first, let id = words.first(where: { known.isShortID($0) }) else { continue }
            guard let container = try? await engine.inspect(id), container["state"]["status"].string == "running" else {
                continue
            }  // A removed one has no address.
            let actual = container["networks"]["bridge"]["ipv4"].string
            if actual != address {
                Issue.record("\(scenario.name) step \(index): `\(line)` but \(id) has \(actual ?? "no address")")
            }
        }
    }
}
