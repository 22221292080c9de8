import Testing

@testable import KenterEngine

/// What a provider says that it produces, and what it then does.
@Suite struct NamePatternTests {
    @Test(arguments: [
        ("A", "A", true), ("A", "AB", false), ("*", "", true), ("*", "x", true), ("A*", "AB", true),
        ("A*", "BA", false),
        ("*A", "BA", true), ("*A", "AB", false), ("A*A", "A", false), ("A*A", "AA", true), ("*aab*", "aaab", true),
        ("*aab*", "aaa", false), ("*abab*c", "ababac", true), ("*ababc", "abababc", true), ("*a*a*", "a", false),
        ("*a*a*", "aba", true), ("**", "x", true), ("*ä*", "xäy", true), ("A*B*B", "AB", false), ("", "", true),
        ("*aabaaab*", "aabaabaaabb", true), ("*aabaaab*", "aabaabaabaa", false),
    ])
    func `a star stands for any characters`(_ pattern: String, _ name: String, _ matches: Bool) {
        #expect(NamePattern(pattern).matches(name) == matches)
    }

    /// 1 MiB of names, each of which is almost what each pattern wants.
    @Test(.timeLimit(.minutes(1))) func `patterns that almost match take no time`() {
        let patterns = (0..<64).map { NamePattern("*" + String(repeating: "a", count: 120) + "*z\($0)*") }
        let names = (0..<2000).map { String(repeating: "a", count: 512) + "_\($0)" }
        #expect(!names.contains { name in patterns.contains { $0.matches(name) } })
    }
}
