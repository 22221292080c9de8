import KenterConformance
import TestSupport
import Testing

/// Plugins that break one rule each. A file's name is the check that it fails.
@Suite("Plugins that break a rule") struct BrokenPluginTests {
    private static let directory = BuildProducts.fixture("plugins/broken")
    private static let directories = [directory, BuildProducts.fixture("plugins/broken-network")]
    private static let parallelChecks = 8

    private static func rules(in directory: String) -> [String] {
        TextFile.names(in: directory).filter { $0 != "nothing" }.sorted()
    }

    @Test("Each fails the check of its own rule, and no other")
    func failsItsOwnCheck() async {
        var plugins = Self.directories.flatMap { directory in
            Self.rules(in: directory).map { (rule: $0, path: "\(directory)/\($0)") }
        }[...]
        await withTaskGroup(of: (String, ConformanceReport).self) { group in
            func addNext() {
                guard let (rule, path) = plugins.popFirst() else { return }
                group.addTask { (rule, await ConformanceKit(path, answerTimeout: .seconds(5)).run()) }
            }
            for _ in 0..<Self.parallelChecks { addNext() }
            for await (rule, report) in group {
                #expect(report.failed.map(\.id) == [rule], "\(report.failed.map(\.outcome))")
                addNext()
            }
        }
    }

    @Test("There is a broken plugin for every rule")
    func everyRuleIsBroken() async {
        let report = await ConformanceKit("\(Self.directory)/nothing").run()
        #expect(report.results.map(\.id).sorted() == Self.directories.flatMap(Self.rules).sorted())
    }

    @Test("A failed check shows what was said")
    func failedCheckShowsTheLines() async throws {
        let report = await ConformanceKit("\(Self.directory)/volume.remove.mounted").run()
        guard case .failed(let reason, let lines) = report.failed.first?.outcome else {
            Issue.record("nothing failed")
            return
        }
        #expect(reason == "provider.volume.remove succeeded although it is mounted")
        #expect(lines.contains { $0.hasPrefix("→ ") && $0.contains("provider.volume.remove") })
        #expect(lines.last?.hasPrefix("← ") == true)
    }

    @Test("Checks that build upon a failed one are skipped, and say so")
    func dependentsAreSkipped() async {
        let report = await ConformanceKit("\(Self.directory)/volume.life").run()
        let repeated = report.results.first { $0.id == "volume.create.repeated" }
        #expect(repeated?.outcome == .skipped(reason: "needs volume.life"))
    }
}
