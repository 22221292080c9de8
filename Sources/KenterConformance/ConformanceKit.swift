import CLinux
import Glibc
public import JSONRPC
import KenterProtocol
import Synchronization
import Threads

/// Finds out whether an executable keeps the plugin contract, by being the engine that starts it.
///
/// Every check speaks to processes of its own in a directory and, as root, a network namespace of its own. As root all of
/// it happens in a mount namespace, too, that is gone afterwards. The plugin is run with the power of whoever runs the kit.
public struct ConformanceKit: Sendable {
    /// An absolute path.
    public var executable: String
    /// Roles to look at; empty for all that the plugin plays.
    public var roles: [String]
    /// What `plugin.configure` hands over.
    public var configuration: JSONObject
    /// How long any one answer may take.
    public var answerTimeout: Duration

    public init(
        _ executable: String, roles: [String] = [], configuration: JSONObject = JSONObject(),
        answerTimeout: Duration = .seconds(10)
    ) {
        self.executable = executable
        self.roles = roles
        self.configuration = configuration
        self.answerTimeout = answerTimeout
    }

    /// The names of all roles that there are checks for.
    public static let knownRoles = ["network", "storage", "link"]

    /// Makes all checks, one after another, on a thread of its own.
    ///
    /// - Parameter report: Called with each result as soon as it is there, in order.
    public func run(_ report: @escaping @Sendable (CheckResult) -> Void = { _ in }) async -> ConformanceReport {
        await DetachedThread.runApart { runHere(report) }
    }

    /// Blocks; leaves the thread it runs on in namespaces of its own.
    private func runHere(_ report: (CheckResult) -> Void) -> ConformanceReport {
        // A plugin may die before it has read what is written to it.
        signal(SIGPIPE, SIG_IGN)
        var results: [CheckResult] = []
        let bench = Bench(self, sandbox: Sandbox.enter())
        defer { bench.remove() }
        for check in Self.checks {
            let result = CheckResult(
                id: check.id, sentence: check.sentence, outcome: outcome(of: check, bench, after: results))
            results.append(result)
            report(result)
        }
        return ConformanceReport(results: results)
    }

    private func outcome(of check: Check, _ bench: Bench, after results: [CheckResult]) -> CheckResult.Outcome {
        if let reason = Obstacle.reason(check, bench, results) { return .skipped(reason: reason) }
        bench.begin()
        defer { bench.end() }
        do throws(CheckEnd) {
            try bench.sandbox?.renewNetwork()
            try check.run(bench)
            return .passed
        } catch {
            switch error {
            case .failed(let reason): return .failed(reason: reason, lines: bench.transcript.lines)
            case .skipped(let reason): return .skipped(reason: reason)
            case .broken(let violation): return .failed(reason: violation.text, lines: violation.lines)
            case .blocked(let violation):
                bench.note(violation)
                return .skipped(reason: "it came no further: see \(violation.check)")
            }
        }
    }

    /// All checks, in the order in which they build upon each other.
    static let checks =
        HandshakeChecks.all + FramingChecks.all + LifeChecks.all + LinkChecks.all + LinkPlanChecks.all
        + LinkEffectChecks.all + VolumeChecks.all + VolumeCrashChecks.all + LayerChecks.all + RootfsChecks.all
        + LayerCrashChecks.all + NetworkChecks.all + AttachmentChecks.all + NetworkCrashChecks.all + LeakChecks.all
        + WatchedChecks.all
}

/// Why a check cannot be made at all.
private enum Obstacle {
    static func reason(_ check: Check, _ bench: Bench, _ results: [CheckResult]) -> String? {
        for need in check.needs {
            if let reason = reason(need, bench, results) { return reason }
        }
        return nil
    }

    private static func reason(_ need: Check.Need, _ bench: Bench, _ results: [CheckResult]) -> String? {
        switch need {
        case .sandbox:
            return bench.sandbox == nil ? "needs root, for namespaces that are thrown away afterwards" : nil
        case .passed(let id):
            return results.contains { $0.id == id && $0.outcome == .passed } ? nil : "needs \(id)"
        case .role(let role): return absence(of: role, bench)
        case .capability(let capability, let role):
            if let reason = absence(of: role, bench) { return reason }
            return bench.has(capability, of: role) ? nil : "it does not have the capability \(capability)"
        }
    }

    private static func absence(of role: String, _ bench: Bench) -> String? {
        if bench.plays(role) { return nil }
        let isPlayed = bench.greeting?.roles[role] != nil
        return isPlayed ? "the role \(role) was not asked for" : "it does not play the role \(role)"
    }
}
