import CLinux
import Glibc
import JSONRPC
import KenterConformance

/// Needs no engine: the plugin is started by this process, which plays the engine's part.
struct PluginCheckCommand: Command {
    static let abstract = "Find out whether an executable keeps the plugin contract."
    static let discussion = """
        Runs the executable many times, with the power of whoever runs this: as root, in a network and a mount \
        namespace that are thrown away. Network providers can be checked only so. Exits with 1 when a rule is broken.
        """

    enum Role: String, CaseIterable { case link, network, storage }

    let executable: String
    let role: Role?
    let format: Format
    let configuration: String?

    enum Format { case text, json, tap }

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        role = try arguments.choice("role", "Look at this role only: link, network or storage.")
        configuration = arguments.value("config", "json", "What to configure the plugin with, a JSON object.")
        let isJSON = arguments.flag("json", "Print one JSON object for each check.")
        let isTAP = arguments.flag("tap", "Print the Test Anything Protocol, version 14.")
        format = isJSON ? .json : isTAP ? .tap : .text
        executable = arguments.operand("EXECUTABLE")
    }

    func run() async throws {
        let path = try absolutePath()
        guard access(path, X_OK) == 0 else {
            throw CommandFailure("'\(path)' cannot be executed: make it so with chmod +x")
        }
        let kit = ConformanceKit(path, roles: role.map { [$0.rawValue] } ?? [], configuration: try config())
        let format = format
        if format == .tap { Output.line("TAP version 14") }
        let report = await kit.run { Output.write(CheckText.text($0, format)) }
        Output.write(CheckText.summary(report, format))
        if !report.conforms { throw CommandFailure.silent(1) }
    }

    /// The name stays as it was given: a program may act upon it.
    private func absolutePath() throws -> String {
        let slash = executable.lastIndex(of: "/")
        let directory = slash.map { executable[..<$0] + "/" } ?? "./"
        guard access(executable, F_OK) == 0, let resolved = realpath(String(directory), nil) else {
            throw CommandFailure("no executable at '\(executable)': \(String(cString: strerror(errno)))")
        }
        defer { free(resolved) }
        return
            "\(String(cString: resolved))/\(slash.map { executable[executable.index(after: $0)...] } ?? executable[...])"
    }

    private func config() throws -> JSONObject {
        guard let configuration else { return JSONObject() }
        guard let object = try? JSONScanner.scan(Array(configuration.utf8)).object else {  // The message says all.
            throw CommandFailure("--config wants a JSON object, like '{\"key\": \"value\"}'")
        }
        return object
    }
}

/// Results of checks as text.
private enum CheckText {
    static func text(_ result: CheckResult, _ format: PluginCheckCommand.Format) -> String {
        switch format {
        case .json: PrettyJSON.line(.object(result.json)) + "\n"
        case .tap: tap(result)
        case .text: plain(result)
        }
    }

    static func summary(_ report: ConformanceReport, _ format: PluginCheckCommand.Format) -> String {
        let counts = "\(report.passed) passed, \(report.failed.count) failed, \(report.skipped.count) skipped"
        switch format {
        case .json: return ""
        case .tap: return "1..\(report.results.count)\n# \(counts)\n"
        case .text: return skips(report) + "\n\(report.results.count) checks: \(counts)\n"
        }
    }

    /// What was not looked at, by its reason.
    private static func skips(_ report: ConformanceReport) -> String {
        var reasons: [(reason: String, ids: [String])] = []
        for result in report.results {
            guard case .skipped(let reason) = result.outcome else { continue }
            if let index = reasons.firstIndex(where: { $0.reason == reason }) {
                reasons[index].ids.append(result.id)
            } else {
                reasons.append((reason, [result.id]))
            }
        }
        return reasons.map { reason, ids in
            "skip  \(TerminalText.escaped(reason)): \(ids.joined(separator: " "))\n"
        }.joined()
    }

    private static func plain(_ result: CheckResult) -> String {
        let title = "\(result.id): \(result.sentence)"
        switch result.outcome {
        case .passed: return "ok    \(title)\n"
        case .skipped: return ""  // Told together, at the end.
        case .failed(let reason, let lines):
            return "FAIL  \(title)\n      \(TerminalText.escaped(reason))\n"
                + lines.map { "        \(TerminalText.escaped($0))\n" }.joined()
        }
    }

    private static func tap(_ result: CheckResult) -> String {
        let title = "\(result.id) - \(result.sentence.replacing("#", with: "\\#"))"
        switch result.outcome {
        case .passed: return "ok \(title)\n"
        case .skipped(let reason): return "ok \(title) # SKIP \(TerminalText.escaped(reason))\n"
        case .failed(let reason, let lines):
            return "not ok \(title)\n"
                + ([reason] + lines).map { "# \(TerminalText.escaped($0))\n" }.joined()
        }
    }
}
