import Testing

@testable import KenterEngine

/// What plugins say, on its way to logs and terminals.
@Suite struct PluginTextTests {
    @Test func `control and direction characters are escaped, other text stays`() {
        #expect(LogText.escape("grüße \u{1f600}") == "grüße \u{1f600}")
        #expect(
            LogText.escape("a\u{1b}[2J\r\nb\u{7f}\u{9b}\u{202e}c\u{0}")
                == #"a\u{1b}[2J\u{d}\u{a}b\u{7f}\u{9b}\u{202e}c\u{0}"#)
        #expect(LogText.escape("abcdef", limit: 3) == "abc…")
        #expect(LogText.escape("abc", limit: 3) == "abc")
    }

    @Test func `lines are cut at their end wherever the chunks end`() {
        var lines = StderrLines()
        #expect(lines.append(Array("one\r\ntw".utf8)).map(\.text) == ["one"])
        #expect(lines.append(Array("o\n\n\nthree".utf8)).map(\.text) == ["two"])
        #expect(lines.finish()?.text == "three")
        #expect(lines.finish() == nil)
        #expect(lines.last.map(\.text) == ["one", "two", "three"])
    }

    @Test func `long lines are cut and old ones forgotten`() {
        var lines = StderrLines()
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 5000)
        for _ in 0..<3 { #expect(lines.append(long) == []) }
        #expect(lines.append([0x0a]).map(\.text) == [String(repeating: "x", count: 1024) + "…"])
        for number in 1...30 { _ = lines.append(Array("\(number)\n".utf8)) }
        #expect(lines.last.map(\.text) == (11...30).map(String.init))
    }

    @Test func `a plugin that writes too much is cut to 200 lines a second`() {
        var budget = LogBudget()
        for _ in 0..<200 { #expect(budget.admit(at: .seconds(1)).isAdmitted) }
        for _ in 0..<50 { #expect(!budget.admit(at: .milliseconds(1_900)).isAdmitted) }
        let next = budget.admit(at: .seconds(2))
        #expect(next.isAdmitted)
        #expect(next.refusedBefore == 50)
        #expect(budget.admit(at: .seconds(2)).refusedBefore == 0)
    }
}
