import KenterProtocol
import Testing

@testable import kenter

@Suite struct LogPositionTests {
    private static func take(
        _ position: inout LogPosition, _ text: String, _ channel: StreamData.Channel = .stdout, keepsTimes: Bool = false
    ) -> String {
        String(decoding: position.take(Array(text.utf8), on: channel, keepsTimes: keepsTimes), as: UTF8.self)
    }

    @Test func `times are taken away, or kept, whatever the pieces`() {
        let text = "2026-01-01T00:00:01Z a b\n2026-01-01T00:00:02Z \n"
        for length in 1...text.utf8.count {
            var (plain, stamped) = (LogPosition(), LogPosition())
            var (plainText, stampedText) = ("", "")
            var rest = Substring(text)
            while !rest.isEmpty {
                plainText += Self.take(&plain, String(rest.prefix(length)))
                stampedText += Self.take(&stamped, String(rest.prefix(length)), keepsTimes: true)
                rest = rest.dropFirst(length)
            }
            #expect(plainText == "a b\n\n" && stampedText == text)
            #expect(plain.time == "2026-01-01T00:00:02Z")
        }
    }

    @Test func `another reading goes on behind the lines of the last time`() {
        var position = LogPosition()
        #expect(Self.take(&position, "1 one\n2 two\n2 three\n") == "one\ntwo\nthree\n")
        #expect(Self.take(&position, "2 err\n", .stderr) == "err\n")
        position.begin()
        #expect(Self.take(&position, "2 two\n2 three\n") == "")
        #expect(Self.take(&position, "2 err\n2 more\n", .stderr) == "more\n")
        #expect(Self.take(&position, "2 four\n3 five\n") == "four\nfive\n")
        position.begin()
        #expect(Self.take(&position, "3 five\n3 six\n") == "six\n")
        position.begin()
        #expect(Self.take(&position, "3 five\n3 six\n") == "")
    }

    @Test func `a line that one run has begun and another goes on with is shown once`() {
        var position = LogPosition()
        #expect(Self.take(&position, "1 half") == "half")
        position.begin()
        #expect(Self.take(&position, "1 halfhalf\n", keepsTimes: true) == "1 half\n")
        position.begin()
        #expect(Self.take(&position, "1 halfhalf\n1 more\n") == "more\n")
    }
}
