import KenterProtocol

/// How far a log has been read, so that another reading goes on there: nothing twice, nothing left out.
///
/// A reading begins at a time, and many lines may have the same one. So what came with the last time is counted, and as
/// much of it is passed over in the next reading.
struct LogPosition {
    /// Of the last line; the next reading is to begin with it.
    private(set) var time: String?
    /// How many bytes of lines of that time were read, and how many of these are still to be passed over.
    private var read: [StreamData.Channel: Int] = [:]
    private var passed: [StreamData.Channel: Int] = [:]
    /// The line that each channel is in.
    private var lines: [StreamData.Channel: Line] = [:]

    private struct Line {
        /// Up to the blank behind it.
        var time: [UInt8] = []
        var hasTime = false
        var isTold = false
    }

    /// Another reading, of lines of ``time`` and later.
    mutating func begin() {
        passed = read
        lines = [:]
    }

    /// Takes a part of a log in which a time stands before each line; returns what is new in it.
    mutating func take(_ bytes: [UInt8], on channel: StreamData.Channel, keepsTimes: Bool) -> [UInt8] {
        var output: [UInt8] = []
        var line = lines[channel] ?? Line()
        var rest = bytes[...]
        while !rest.isEmpty {
            guard line.hasTime else {
                let time = rest.prefix { $0 != UInt8(ascii: " ") }
                line.time += time
                line.hasTime = time.endIndex < rest.endIndex
                rest = rest[time.endIndex...].dropFirst()
                if line.hasTime { start(String(decoding: line.time, as: UTF8.self)) }
                continue
            }
            let end = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 }
            let new = unread(rest[..<(end ?? rest.endIndex)], line, channel)
            if keepsTimes, !line.isTold, !new.isEmpty { output += line.time + [UInt8(ascii: " ")] }
            line.isTold = line.isTold || !new.isEmpty
            output += new
            if end != nil { line = Line() }
            rest = rest[(end ?? rest.endIndex)...]
        }
        lines[channel] = line
        return output
    }

    private mutating func start(_ time: String) {
        if time == self.time { return }
        self.time = time
        (read, passed) = ([:], [:])
    }

    /// Counts a part of a line, and returns what no earlier reading had of it.
    private mutating func unread(
        _ bytes: ArraySlice<UInt8>, _ line: Line, _ channel: StreamData.Channel
    ) -> ArraySlice<UInt8> {
        // The other channel may have had a later line meanwhile.
        guard let time, line.time.elementsEqual(time.utf8) else { return bytes }
        let had = min(passed[channel] ?? 0, bytes.count)
        passed[channel] = (passed[channel] ?? 0) - had
        read[channel, default: 0] += bytes.count - had
        return bytes.dropFirst(had)
    }
}
