package import KenterProtocol

/// A piece of a container's output, as conmon wrote it down: a line, or a part of a long or unfinished one.
package struct LogEntry: Sendable, Equatable {
    /// When conmon read it.
    package var time: Timestamp
    package var channel: OutputChannel
    /// With the line feed at its end, unless the line goes on in the channel's next entry.
    package var bytes: [UInt8]
    /// Whether the line feed is there.
    package var endsLine: Bool

    /// One line of the log, without its line feed: `2026-11-24T02:39:41.493603229+00:00 stdout F text`; `nil` for others.
    init?(logLine line: ArraySlice<UInt8>) {
        let space = UInt8(ascii: " ")
        guard let first = line.firstIndex(of: space),
            let time = Timestamp(String(decoding: line[..<first], as: UTF8.self)),
            let second = line[(first + 1)...].firstIndex(of: space), second + 1 < line.endIndex
        else { return nil }
        switch line[(first + 1)..<second] {
        case let name where name.elementsEqual("stdout".utf8): channel = .standardOutput
        case let name where name.elementsEqual("stderr".utf8): channel = .standardError
        default: return nil
        }
        guard let endsLine = Self.endsLine(tag: line[second + 1]) else { return nil }
        self.time = time
        self.endsLine = endsLine
        bytes = Array(line.dropFirst(second + 3 - line.startIndex))
        if endsLine { bytes.append(UInt8(ascii: "\n")) }
    }

    /// Whether a line of the log ends a line of output; `nil` when it is no line of the log.
    static func endsLine(logLine line: ArraySlice<UInt8>) -> Bool? {
        var spaces = 0
        for index in line.indices where line[index] == UInt8(ascii: " ") {
            spaces += 1
            if spaces == 2 { return index + 1 < line.endIndex ? endsLine(tag: line[index + 1]) : nil }
        }
        return nil
    }

    private static func endsLine(tag: UInt8) -> Bool? {
        switch tag {
        case UInt8(ascii: "F"): true
        case UInt8(ascii: "P"): false
        default: nil
        }
    }
}

/// Which part of a log is wanted.
package struct LogSelection: Sendable, Equatable {
    /// Only so many lines from the end; `nil` is all.
    package var tail: Int?
    /// Only what came at this moment or later.
    package var since: Timestamp?
    /// Only what came before this moment.
    package var until: Timestamp?
    /// Whether what comes later is wanted too, until ``LogReader/finish()``.
    package var follows = false

    package init() {}
}
