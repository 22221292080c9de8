import KenterProtocol
import Logging
import Synchronization
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

    @Test func `a log has no ends of lines, orders to a terminal or marks of direction in it`() {
        let log = KeptLog()
        var logger = Logger(label: "test") { _ in EscapedLog(log.handler) }
        logger[metadataKey: "kept"] = "x"
        logger.error("user u\u{1b}[31m\u{202e}", metadata: ["name": "a\nb", "list": ["c\rd"]])
        #expect(log.lines.count == 1)
        #expect(log.lines[0].hasPrefix(#"user u\u{1b}[31m\u{202e}"#))
        #expect(log.lines[0].unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x202e })
        #expect(log.lines[0].contains(#"name=a\u{a}b"#))
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
        let log = KeptLog()
        let time = Mutex(Duration.seconds(1))
        let output = PluginOutput(log: log.logger, clock: PluginClock(now: { time.withLock { $0 } }, sleep: { _ in }))
        for number in 0..<250 { output.append(message: "\(number)", level: "info") }
        #expect(log.lines.count == 200)
        time.withLock { $0 = .seconds(2) }
        for number in 250..<252 { output.append(message: "\(number)", level: "info") }
        #expect(
            log.lines.dropFirst(200) == [
                "plugin wrote more than the log takes leftOut=50", "plugin says line=250", "plugin says line=251",
            ])
    }

    @Test func `of a plugin's events only announced, small and few ones are recorded`() {
        let events = PluginEvents(
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            clock: PluginClock(now: { .seconds(1) }, sleep: { _ in }))
        events.announce(["seen", String(repeating: "k", count: 200)])
        #expect(events.admit(PluginEvent(kind: "seen", id: "a\u{1b}[2J"))?.id == "a\\u{1b}[2J")
        let long = String(repeating: "x", count: 2000)
        for refused in [
            PluginEvent(kind: "other", id: "a"), PluginEvent(kind: String(repeating: "k", count: 200), id: "a"),
            PluginEvent(kind: "seen", id: long), PluginEvent(kind: "seen", id: "a", attributes: ["a": long]),
            PluginEvent(kind: "seen", id: "a", attributes: [long: "a"]),
            // Small as it comes, eight times as long once it is safe.
            PluginEvent(kind: "seen", id: String(repeating: "\u{1b}", count: 100)),
            PluginEvent(
                kind: "seen", id: "a", attributes: Dictionary(uniqueKeysWithValues: (0..<17).map { ("\($0)", "") })),
        ] {
            #expect(events.admit(refused) == nil)
        }
        let admitted = (0..<1000).count { _ in events.admit(PluginEvent(kind: "seen", id: "a")) != nil }
        #expect(admitted == 20 - 6)
    }
}

/// A log that remembers what it was told.
private final class KeptLog: Sendable {
    private struct Handler: LogHandler {
        let kept: KeptLog
        var metadata = Logger.Metadata()
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let metadata = (event.metadata ?? [:]).map { " \($0)=\($1)" }.sorted().joined()
            kept.told.withLock { $0.append(event.message.description + metadata) }
        }
    }

    private let told = Mutex<[String]>([])
    var lines: [String] { told.withLock { $0 } }
    var handler: any LogHandler { Handler(kept: self) }
    var logger: Logger { Logger(label: "test") { _ in handler } }
}
