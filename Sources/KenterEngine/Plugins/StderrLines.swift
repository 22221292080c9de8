/// Cuts a plugin's standard error into lines and keeps the last of them; does no I/O.
///
/// A flood costs little: a line is made into text only when somebody wants to see it.
struct StderrLines: Sendable {
    /// Bytes of one line, at most ``lineBytes`` of them.
    struct Line: Sendable, Equatable {
        var bytes: [UInt8] = []
        var isCut = false

        /// Safe for logs and terminals.
        var text: String { LogText.escape(String(decoding: bytes, as: UTF8.self)) + (isCut ? "…" : "") }
    }

    static let keptLines = 20
    static let lineBytes = 1024

    /// The newest last, without empty ones.
    private(set) var last: [Line] = []
    private var partial = Line()

    /// Takes what was read; returns the lines that are complete now, without empty ones.
    mutating func append(_ bytes: some Collection<UInt8>) -> [Line] {
        var lines: [Line] = []
        var pieces = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)[...]
        let rest = pieces.popLast()
        for piece in pieces {
            hold(piece)
            if let line = take() { lines.append(line) }
        }
        if let rest { hold(rest) }
        return lines
    }

    /// At the end: what is left counts as a line.
    mutating func finish() -> Line? { take() }

    private mutating func hold(_ bytes: some Collection<UInt8>) {
        let room = Self.lineBytes - partial.bytes.count
        partial.bytes.append(contentsOf: bytes.prefix(room))
        if bytes.count > room { partial.isCut = true }
    }

    private mutating func take() -> Line? {
        defer { partial = Line() }
        if partial.bytes.last == 0x0d { partial.bytes.removeLast() }
        guard !partial.bytes.isEmpty else { return nil }
        if last.count == Self.keptLines { last.removeFirst() }
        last.append(partial)
        return partial
    }
}
