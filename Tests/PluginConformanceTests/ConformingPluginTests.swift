import Glibc
import KenterConformance
import TestSupport
import Testing

@Suite("Plugins that keep the contract") struct ConformingPluginTests {
    /// Path of the executable, and how many checks must have passed: so that none passes by being skipped.
    private static let plugins: [(path: String, passed: Int)] = [
        (BuildProducts.executable("link-legacy"), 56), (BuildProducts.executable("storage-overlay"), 86),
        (BuildProducts.executable("network-routed"), 74),
        ("\(BuildProducts.checkout)/Plugins/Examples/link-database-url", 55),
        ("\(BuildProducts.checkout)/Plugins/Examples/link-kubernetes", 55),
        ("\(BuildProducts.checkout)/Plugins/Examples/storage-directories", 63),
        (BuildProducts.fixture("plugins/broken/nothing"), 106),
        (BuildProducts.fixture("plugins/broken-network/nothing"), 74),
    ]

    private func expectConformance(_ path: String, passed: Int) async {
        let report = await ConformanceKit(path).run()
        let failures = report.failed.map { "\($0.id): \($0.outcome)" }
        #expect(failures.isEmpty)
        #expect(report.passed >= passed, "\(report.skipped.map { "\($0.id): \($0.outcome)" })")
    }

    @Test("A plugin that keeps the contract passes", arguments: plugins)
    func passes(path: String, passed: Int) async { await expectConformance(path, passed: passed) }

    @Test("The plugins in the documentation pass", arguments: ["writing-a-plugin", "plugins"])
    func documentedPluginPasses(page: String) async throws {
        let text = TextFile.read("\(BuildProducts.checkout)/docs/\(page).md")
        let blocks = text.split(separator: "```python\n").dropFirst()
        let block = try #require(blocks.last?.split(separator: "```\n").first)
        let path = "/tmp/kenter-documented-\(UInt32.random(in: 0...UInt32.max))"
        try TextFile.write(String(block), to: path)
        chmod(path, 0o755)
        await expectConformance(path, passed: 54)
        unlink(path)
    }
}
