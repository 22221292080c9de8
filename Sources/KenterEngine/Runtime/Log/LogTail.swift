import CLinux
import Glibc

/// Finds where the last lines of a log begin, reading it from its end in blocks.
enum LogTail {
    private static let blockBytes = 64 * 1024

    /// The offset of the last `count` lines of output; a last line that is not finished counts as one.
    static func offset(ofLast count: Int, in descriptor: Int32) -> Int64 {
        var position = lseek(descriptor, 0, Int32(SEEK_END))
        if count <= 0 { return Int64(position) }
        var seen = 0
        var isNewest = true
        // The beginning of the line that the block after this one ends.
        var rest: [UInt8] = []
        while position > 0 {
            let start = max(0, position - blockBytes)
            var block = [UInt8](repeating: 0, count: position - start)
            guard pread(descriptor, &block, block.count, start) == block.count else { return Int64(position) }
            block += rest
            var end = block.count
            while end > 0 {
                let newline = block[..<end].lastIndex(of: UInt8(ascii: "\n"))
                if newline == nil && start > 0 { break }
                let begin = newline.map { $0 + 1 } ?? 0
                if begin < end, let endsLine = LogEntry.endsLine(logLine: block[begin..<end]) {
                    if endsLine && seen == count { return Int64(start + end + 1) }
                    if endsLine || isNewest { seen += 1 }
                    isNewest = false
                }
                end = newline ?? 0
            }
            // conmon's lines are far shorter than a block: whatever is longer is not one.
            rest = end <= blockBytes ? Array(block[..<end]) : []
            position = start
        }
        return 0
    }
}
