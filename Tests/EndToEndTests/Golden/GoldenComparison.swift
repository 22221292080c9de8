import JSONRPC
import TestSupport

/// What of a step's answer is compared, and how.
struct GoldenComparison {
    enum Kind: Equatable {
        /// Line by line.
        case text
        /// As a set of lines: Docker's order of variables, volumes and JSON members means nothing.
        case lines
        /// Line by line, without the block of IPv6 names that a container without IPv6 does not get.
        case hosts
        /// How many packets came back.
        case ping
        /// A table's rows by column.
        case table
        /// JSON documents, arrays as sets.
        case json
        /// Nothing but the exit status.
        case exit
    }

    let kind: Kind
    private let hasGeneratedName: Bool

    init(arguments: [String], exitOnly: Bool) {
        hasGeneratedName = !arguments.contains("--name")
        kind = exitOnly ? .exit : Self.kind(of: arguments)
    }

    private static func kind(of arguments: [String]) -> Kind {
        let line = arguments.joined(separator: " ")
        let template = arguments.first { $0.hasPrefix("{{") }
        if line.contains("environ") || arguments.last == "env" || line.contains("env;") { return .lines }
        if line.contains("/etc/hosts") || line.contains("<hosts of") { return .hosts }
        if line.contains("ping -c1") { return .ping }
        if let template { return template.contains("json") ? .json : .lines }
        switch arguments.dropFirst().first {
        case "ps": return .table
        case "volume" where arguments.contains("ls"): return .lines
        case "port": return .lines
        case "inspect", "logs", "top": return .exit
        case "volume" where arguments.contains("inspect"): return .exit
        case "iptables-save", "ip": return .exit
        default: return .text
        }
    }

    /// What differs; `nil` when nothing does.
    func complaint(expected: GoldenScenario.Step, observed: CommandResult, known: GoldenIdentities) -> String? {
        let shown = expected.arguments.joined(separator: " ")
        if expected.exit != observed.exit { return "`\(shown)` should exit with \(expected.exit)" }
        if kind == .exit { return nil }
        let theirs = reduced(known.normalizeRecorded(expected.output.replacing("^I", with: "\t")))
        // Docker's client puts an IPv6 address before a port into brackets since the recordings were made.
        let own = reduced(known.normalizeObserved(observed.output.replacing("^I", with: "\t")))
            .replacing(/\[([0-9a-f:]*:[0-9a-f:]*)\]:/) { "\($0.output.1):" }
        if theirs != own { return "`\(shown)` should print\n\(theirs)\nnot\n\(own)" }
        let message = Self.core(known.normalizeRecorded(expected.errors), generated: hasGeneratedName)
        let errors = Self.withoutGeneratedNames(known.normalizeObserved(observed.errors), generated: hasGeneratedName)
        if expected.exit != 0 && !errors.contains(message) { return "`\(shown)` should say: \(message)" }
        return nil
    }

    /// The part of an output that is compared.
    private func reduced(_ output: String) -> String {
        let output = Self.withoutGeneratedNames(output, generated: hasGeneratedName)
        let lines = output.replacing("^@", with: "\n").replacing("\r\n", with: "\n").split(
            separator: "\n"
        ).map(String.init)
        switch kind {
        case .exit: return ""
        case .text: return lines.filter { !$0.contains(/^(Date|Last-Modified|ETag):/) }.joined(separator: "\n")
        case .lines: return Self.withoutIPv6Block(lines).map(Self.sortedNames).sorted().joined(separator: "\n")
        case .hosts: return Self.withoutIPv6Block(lines).joined(separator: "\n")
        case .ping: return lines.filter { $0.contains("packets received") }.joined(separator: "\n")
        case .json: return Self.canonicalDocument(output)
        case .table: return Self.rows(of: lines).sorted().joined(separator: "\n")
        }
    }

    private static func withoutIPv6Block(_ lines: [String]) -> [String] {
        lines.filter { !$0.contains(/\bip6-(loopback|localnet|mcastprefix|allnodes|allrouters)\b/) }
    }

    /// `b,a` → `a,b` in each tab-separated field.
    private static func sortedNames(_ line: String) -> String {
        line.split(separator: "\t", omittingEmptySubsequences: false)
            .map { $0.split(separator: ",").map { $0.trimmingSpaces }.sorted().joined(separator: ",") }
            .joined(separator: "\t")
    }

    private static func withoutGeneratedNames(_ text: String, generated: Bool) -> String {
        let text = text.replacing(
            /\b(3276[89]|327[7-9][0-9]|32[89][0-9]{2}|3[3-9][0-9]{3}|4[0-9]{4}|5[0-9]{4}|60[0-9]{3})\b/,
            with: "<free port>")
        guard generated else { return text }
        return text.replacing(/_NAME=\/[^\/\n]+\//, with: "_NAME=/<generated>/")
            .replacing(/\bAS \/[^\/ ]+\//, with: "AS /<generated>/")
    }

    /// A Docker error without its frame: who reports it, the full stop, the hint at `--help`.
    private static func core(_ text: String, generated: Bool) -> String {
        var line = String(text.split(separator: "\n").first ?? "")
        for prefix in ["docker: ", "Error response from daemon: ", "Error: "] where line.hasPrefix(prefix) {
            line = String(line.dropFirst(prefix.count))
        }
        if line.hasSuffix(".") { line = String(line.dropLast()) }
        return withoutGeneratedNames(line, generated: generated)
    }

    /// The first JSON document, members sorted and arrays as sets. (Port bindings as requested follow those as bound.)
    private static func canonicalDocument(_ output: String) -> String {
        let text = output.replacing("} {", with: "}\n{").split(separator: "\n").first ?? ""
        return (try? JSONValue(text: String(text))).map(canonical) ?? String(text)  // No JSON is shown as it is.
    }

    private static func canonical(_ value: JSONValue) -> String {
        switch value {
        case .array(let items): "[\(items.map(canonical).sorted().joined(separator: ","))]"
        case .object(let object):
            "{\(object.members.map { "\($0.name):\(canonical($0.value))" }.sorted().joined(separator: ","))}"
        case .string(let text): text
        case .integer(let number): String(number)
        case .double(let number): String(number)
        case .bool(let truth): String(truth)
        case .null: "null"
        }
    }

    /// A table's rows as `COLUMN=value`, without what depends on the time of day.
    private static func rows(of lines: [String]) -> [String] {
        guard let header = lines.first else { return [] }
        let columns = header.matches(of: /[A-Z]+( [A-Z]+)*/).map { match in
            (name: String(match.output.0), start: header.distance(from: header.startIndex, to: match.range.lowerBound))
        }
        return lines.dropFirst().map { line in
            let characters = Array(line)
            return columns.enumerated().compactMap { index, column in
                if ["CREATED", "STATUS"].contains(column.name) { return nil }
                let end = index + 1 < columns.count ? columns[index + 1].start : characters.count
                let cell = String(characters[min(column.start, characters.count)..<min(end, characters.count)])
                return "\(column.name)=\(sortedNames(cell.trimmingSpaces))"
            }.joined(separator: " ")
        }
    }
}

extension StringProtocol {
    fileprivate var trimmingSpaces: String {
        var text = Substring(self)
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
