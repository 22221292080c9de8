import CLinux
import Glibc

/// Cuts a stream of bytes into lines. Does no I/O; costs time linear in the bytes, whatever their chunking.
public struct LineFramer: Sendable {
    public enum Frame: Sendable, Equatable {
        /// A line without its LF and a CR before it.
        case line(ArraySlice<UInt8>)
        /// A line over the limit; its bytes are dropped up to and including the next LF.
        case oversized
    }

    private let limitBytes: Int
    private var buffer: [UInt8] = []
    /// Where the next line starts in the buffer.
    private var start = 0
    /// Up to where the buffer holds no LF.
    private var searched = 0
    private var isDiscarding = false
    /// Bytes that were copied, moved or looked at so far: what tests of the cost count.
    private(set) var work = 0

    public init(limitBytes: Int) {
        self.limitBytes = limitBytes
    }

    public mutating func append(_ bytes: some Collection<UInt8>) {
        if start > 0 {
            work += buffer.count - start
            buffer.removeSubrange(..<start)
            searched -= start
            start = 0
        }
        work += bytes.count
        buffer.append(contentsOf: bytes)
    }

    /// The next whole line, skipping blank ones; `nil` until more bytes come.
    public mutating func next() -> Frame? {
        while true {
            guard let end = nextLineFeed() else { return overflow() }
            defer { (start, searched) = (end + 1, end + 1) }
            if isDiscarding {
                isDiscarding = false
                continue
            }
            if let frame = frame(upTo: end) { return frame }
        }
    }

    /// At the end of the stream: what is left counts as a line of its own.
    public mutating func finish() -> Frame? {
        defer { (start, searched) = (buffer.count, buffer.count) }
        return isDiscarding ? nil : frame(upTo: buffer.count)
    }

    /// Bytes that belong to no line yet, or to lines not yet taken.
    public var rest: ArraySlice<UInt8> { buffer[start...] }

    private mutating func nextLineFeed() -> Int? {
        let before = searched
        defer { work += searched - before }
        return Self.lineFeed(in: buffer, from: &searched)
    }

    private static func lineFeed(in buffer: [UInt8], from searched: inout Int) -> Int? {
        let from = searched
        let found: Int? = buffer.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, from < bytes.count,
                let hit = memchr(base + from, 0x0a, bytes.count - from)
            else { return nil }
            return base.distance(to: UnsafeRawPointer(hit))
        }
        searched = found ?? buffer.count
        return found
    }

    private func frame(upTo end: Int) -> Frame? {
        var line = buffer[start..<end]
        if line.last == 0x0d { line.removeLast() }
        if line.count > limitBytes { return .oversized }
        return line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0d } ? nil : .line(line)
    }

    /// Called with no LF in sight: a line already too long is answered now and dropped as it comes.
    private mutating func overflow() -> Frame? {
        let pending = buffer.count - start
        if isDiscarding {
            (start, searched) = (buffer.count, buffer.count)
            return nil
        }
        guard pending > limitBytes + 1 else { return nil }
        isDiscarding = true
        (start, searched) = (buffer.count, buffer.count)
        return .oversized
    }
}
