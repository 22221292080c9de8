import CLinux
import Glibc

/// An open log and the bytes of it that are not yet taken apart.
struct LogFile {
    private let descriptor: Int32
    private let inode: ino_t
    private var buffer: [UInt8] = []
    private var next = 0
    /// In a line that is longer than any of conmon's: dropped up to its end.
    private var isSkipping = false

    private static let blockBytes = 64 * 1024

    /// `nil` when there is none.
    init?(path: String) {
        self.init(path: path, unlessSameAs: nil)
    }

    /// `nil` when there is none, or when it is the one that is open already.
    init?(path: String, unlessSameAs other: LogFile?) {
        var status = stat()
        if let other, stat(path, &status) == 0, status.st_ino == other.inode { return nil }
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return nil }
        guard fstat(descriptor, &status) == 0 else {
            Glibc.close(descriptor)
            return nil
        }
        inode = status.st_ino
    }

    func close() { Glibc.close(descriptor) }

    /// Goes to where a line begins.
    func skip(to offset: Int64) { lseek(descriptor, off_t(offset), Int32(SEEK_SET)) }

    /// Goes to where the last `count` lines begin.
    func skip(toLast count: Int) {
        lseek(descriptor, off_t(LogTail.offset(ofLast: count, in: descriptor)), Int32(SEEK_SET))
    }

    /// Reads another block; false at the end of what there is.
    mutating func fill() -> Bool {
        buffer.removeFirst(next)
        next = 0
        if buffer.count > Self.blockBytes {
            buffer = []
            isSkipping = true
        }
        var block = [UInt8](repeating: 0, count: Self.blockBytes)
        let count = read(descriptor, &block, block.count)
        guard count > 0 else { return false }
        buffer.append(contentsOf: block[..<count])
        return true
    }

    /// The next whole line, as an entry; lines that are none are passed over.
    mutating func nextEntry() -> LogEntry? {
        while let end = buffer[next...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = buffer[next..<end]
            next = end + 1
            if isSkipping {
                isSkipping = false
            } else if let entry = LogEntry(logLine: line) {
                return entry
            }
        }
        return nil
    }
}
