/// What a scanner accepts; each bound keeps hostile input from costing more than its own length.
public struct JSONLimits: Sendable, Equatable {
    /// Arrays and objects within each other.
    public var depth: Int
    /// Values, names and brackets in one text.
    public var tokens: Int
    /// Bytes of one string as written, escapes included.
    public var stringBytes: Int
    /// Bytes of one number as written.
    public var numberBytes: Int
    /// Whether strings may hold U+0000, which ends a string wherever C code reads it.
    public var allowsNUL: Bool

    public init(
        depth: Int = 64, tokens: Int = 200_000, stringBytes: Int = 256 << 10, numberBytes: Int = 64,
        allowsNUL: Bool = false
    ) {
        self.depth = depth
        self.tokens = tokens
        self.stringBytes = stringBytes
        self.numberBytes = numberBytes
        self.allowsNUL = allowsNUL
    }
}

/// Why a text is no acceptable JSON.
public struct JSONScanError: Error, Equatable, CustomStringConvertible {
    public enum Reason: Sendable, Equatable {
        /// Not JSON (RFC 8259), or a name that stands twice in one object.
        case malformed
        /// JSON, but over a bound of ``JSONLimits``.
        case overLimit
    }

    public var reason: Reason
    /// What is wrong, as it follows "invalid JSON at byte 12: ".
    public var detail: String
    /// Where, in bytes from the start of the text.
    public var offset: Int

    public var description: String { "\(detail) at byte \(offset)" }
}
