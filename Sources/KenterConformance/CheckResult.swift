public import JSONRPC

/// What one check found.
public struct CheckResult: Sendable {
    public enum Outcome: Sendable, Equatable {
        case passed
        /// The rule is broken: how, and the lines that were exchanged, the last of them last.
        case failed(reason: String, lines: [String])
        /// Not looked at, and why.
        case skipped(reason: String)
    }

    /// Short and stable, for scripts: `volume.create.repeated`.
    public var id: String
    /// The rule, in one sentence.
    public var sentence: String
    public var outcome: Outcome

    /// The result as `--json` prints it: one object, on one line.
    public var json: JSONObject {
        var object: JSONObject = ["check": .string(id), "sentence": .string(sentence)]
        switch outcome {
        case .passed: object["outcome"] = "passed"
        case .failed(let reason, let lines):
            object["outcome"] = "failed"
            object["reason"] = .string(reason)
            object["lines"] = .array(lines.map { .string($0) })
        case .skipped(let reason):
            object["outcome"] = "skipped"
            object["reason"] = .string(reason)
        }
        return object
    }
}

/// What all checks of one plugin found.
public struct ConformanceReport: Sendable {
    /// In the order in which they were made.
    public var results: [CheckResult]

    public var passed: Int { results.count { $0.outcome == .passed } }
    public var failed: [CheckResult] { results.filter { if case .failed = $0.outcome { true } else { false } } }
    public var skipped: [CheckResult] { results.filter { if case .skipped = $0.outcome { true } else { false } } }

    /// Whether no rule was found broken; what was skipped is not counted.
    public var conforms: Bool { failed.isEmpty }
}
