import JSONRPC
import TestSupport
import Testing

/// `kenter plugin check` as scripts and people meet it.
@Suite("The command that checks a plugin") struct CheckCommandTests {
    private static let goodPlugin = "\(BuildProducts.checkout)/Plugins/Examples/link-database-url"
    /// Breaks this one rule, of the role storage; the checks that build upon it cannot be made.
    private static let brokenPlugin = BuildProducts.fixture("plugins/broken/\(rule)")
    private static let rule = "volume.life"

    private func check(_ arguments: String...) async throws -> CommandResult {
        try await Command.run(
            [BuildProducts.executable("kenter"), "plugin", "check"] + arguments, within: .seconds(300))
    }

    /// Of the summary, "123 checks: 1 passed, 2 failed, 3 skipped" with or without its beginning.
    private func counts(_ line: String?) throws -> [Int] {
        try #require(line).split { !$0.isNumber }.compactMap { Int($0) }
    }

    @Test("Nothing is broken: 0, and what was skipped is told together, by its reason")
    func good() async throws {
        let result = try await check(Self.goodPlugin)
        #expect(result.exit == 0 && result.errors.isEmpty, "\(result)")
        let lines = result.lines.filter { !$0.isEmpty }
        let counts = try counts(lines.last)
        #expect(counts.count == 4 && counts[0] == counts[1] + counts[3] && counts[2] == 0, "\(lines.last ?? "")")
        #expect(lines.filter { $0.hasPrefix("ok    ") }.count == counts[1])
        let skips = lines.filter { $0.hasPrefix("skip  ") }.map { $0.dropFirst(6).split(separator: ": ") }
        #expect(skips.contains { $0.first == "it does not play the role storage" }, "\(skips)")
        #expect(Set(skips.compactMap(\.first)).count == skips.count, "a reason stands once: \(skips)")
        #expect(skips.compactMap { $0.last?.split(separator: " ").count }.reduce(0, +) == counts[3])
        #expect(lines.count == counts[1] + skips.count + 1, "\(result)")
    }

    @Test("A rule is broken: 1, the rule, the reason and what was said")
    func broken() async throws {
        let result = try await check("--role", "storage", Self.brokenPlugin)
        #expect(result.exit == 1 && result.errors.isEmpty, "\(result)")
        let failures = result.lines.indices.filter { result.lines[$0].hasPrefix("FAIL  ") }
        let failure = try #require(failures.first)
        #expect(failures.count == 1 && result.lines[failure].hasPrefix("FAIL  \(Self.rule): "), "\(result)")
        #expect(result.lines[failure + 1].hasPrefix("      ") && result.lines[failure + 2].hasPrefix("        "))
        #expect(result.output.contains("\nskip  needs \(Self.rule): "), "\(result)")
        #expect(result.output.contains("\nskip  it does not play the role link: "), "\(result)")
        #expect(try counts(result.lines.last)[2] == 1)
    }

    @Test("Only the role that is asked for is looked at")
    func otherRole() async throws {
        let result = try await check("--role", "link", BuildProducts.fixture("plugins/broken/nothing"))
        #expect(result.exit == 0, "\(result)")
        let skipped = result.lines.first { $0.hasPrefix("skip  the role storage was not asked for: ") }
        #expect(skipped?.split(separator: " ").contains("volume.life") == true, "\(result)")
        #expect(result.lines.contains { $0.hasPrefix("ok    link.plan.answer: ") })
        #expect(!result.output.contains("ok    volume."))
    }

    @Test("A role that is asked for must be played")
    func missingRole() async throws {
        let result = try await check("--role", "network", Self.goodPlugin)
        #expect(result.exit == 1, "\(result)")
        #expect(
            result.output.contains("FAIL  hello.answer: ") && result.output.contains("does not play the role network"))
    }

    @Test("JSON is one object for each check, and nothing else")
    func json() async throws {
        let result = try await check("--json", "--role", "storage", Self.brokenPlugin)
        #expect(result.exit == 1 && result.errors.isEmpty, "\(result)")
        let checks = try result.lines.map { try JSONValue(text: $0) }
        #expect(Set(checks.compactMap { $0["check"].string }).count == checks.count)
        for check in checks {
            #expect(check["sentence"].string?.isEmpty == false)
            switch check["outcome"].string {
            case "passed": #expect(check["reason"] == .null && check["lines"] == .null)
            case "skipped": #expect(check["reason"].string?.isEmpty == false && check["lines"] == .null)
            case "failed":
                #expect(check["check"].string == Self.rule)
                #expect(check["reason"].string?.isEmpty == false)
                #expect(check["lines"].strings.contains { $0.contains("provider.volume.") })
            default: Issue.record("\(check.text)")
            }
        }
        let outcomes = Set(checks.compactMap { $0["outcome"].string })
        #expect(outcomes == ["passed", "failed", "skipped"])
    }

    @Test("TAP has a version, a line for each check, reasons, and the plan", arguments: [goodPlugin, brokenPlugin])
    func tap(path: String) async throws {
        let result = try await check("--tap", path)
        #expect(result.exit == (path == Self.goodPlugin ? 0 : 1) && result.errors.isEmpty, "\(result)")
        #expect(result.lines.first == "TAP version 14")
        let points = result.lines.filter { $0.hasPrefix("ok ") || $0.hasPrefix("not ok ") }
        let others = result.lines.dropFirst().filter { !points.contains($0) }
        #expect(others.allSatisfy { $0.hasPrefix("# ") || $0 == "1..\(points.count)" }, "\(others)")
        let failed = points.filter { $0.hasPrefix("not ok ") }
        #expect(failed.map { $0.split(separator: " ")[2] } == (path == Self.goodPlugin ? [] : [Self.rule[...]]))
        let skipped = points.filter { $0.contains(" # SKIP ") }
        #expect(skipped.allSatisfy { $0.hasPrefix("ok ") && !$0.hasSuffix("# SKIP ") })
        #expect(
            try counts(result.lines.last) == [points.count - failed.count - skipped.count, failed.count, skipped.count])
        if path == Self.brokenPlugin { #expect(skipped.contains { $0.hasSuffix(" # SKIP needs \(Self.rule)") }) }
    }

    @Test(
        "What cannot be checked is refused in a sentence",
        arguments: [
            (["--role", "kitchen", goodPlugin], "use one of link, network, storage"),
            (["/none/such"], "no executable at '/none/such'"),
            ([BuildProducts.checkout + "/README.md"], "cannot be executed: make it so with chmod +x"),
            (["--config", "[]", goodPlugin], "--config wants a JSON object"), ([], "requires exactly 1 argument"),
        ])
    func refused(arguments: [String], text: String) async throws {
        let result = try await Command.run([BuildProducts.executable("kenter"), "plugin", "check"] + arguments)
        #expect(result.exit == 1 && result.output.isEmpty, "\(result)")
        #expect(result.errors.contains(text), "\(result)")
    }
}
