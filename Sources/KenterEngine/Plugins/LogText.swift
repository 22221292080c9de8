/// Text of others, made safe for a terminal and for a log of lines.
package enum LogText {
    /// Control characters (C0, DEL, C1) and those that change the direction of text are written as `\u{1b}`.
    package static func escape(_ text: some StringProtocol) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return String(text) }
        var escaped = ""
        for scalar in text.unicodeScalars {
            if isUnsafe(scalar) {
                escaped += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// The same, cut after `limit` characters.
    static func escape(_ text: some StringProtocol, limit: Int) -> String {
        let escaped = escape(text.prefix(limit))
        return text.dropFirst(limit).isEmpty ? escaped : "\(escaped)…"
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0, 0x61c, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069: true
        default: false
        }
    }
}
