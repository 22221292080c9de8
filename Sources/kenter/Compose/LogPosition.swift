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
        for byte in bytes {
            guard line.hasTime else {
                if byte == UInt8(ascii: " ") {
                    line.hasTime = true
                    start(String(decoding: line.time, as: UTF8.self))
                } else {
                    line.time.append(byte)
                }
                continue
            }
            if count(line, channel) {
                if keepsTimes, !line.isTold { output += line.time + [UInt8(ascii: " ")] }
                line.isTold = true
                output.append(byte)
            }
            if byte == UInt8(ascii: "\n") { line = Line() }
        }
        lines[channel] = line
        return output
    }

    private mutating func start(_ time: String) {
        if time == self.time { return }
        self.time = time
        (read, passed) = ([:], [:])
    }

    /// Counts a byte; false when an earlier reading had it.
    private mutating func count(_ line: Line, _ channel: StreamData.Channel) -> Bool {
        // The other channel may have had a later line meanwhile.
        guard time.map({ line.time.elementsEqual($0.utf8) }) == true else { return true }
        if let rest = passed[channel], rest > 0 {
            passed[channel] = rest - 1
            return false
        }
        read[channel, default: 0] += 1
        return true
    }
}
