/// Amounts of memory: `64m`, `1.5g`, `4096`; units are powers of 1,024.
enum SizeOption {
    static func bytes(_ text: String, option: String) throws(OptionError) -> Int64 {
        var letters = text.lowercased()[...]
        if letters.hasSuffix("b") { letters.removeLast() }
        if letters.hasSuffix("i") { letters.removeLast() }
        var scale = 1.0
        if let unit = letters.last, let power = "kmgtp".firstIndex(of: unit) {
            letters.removeLast()
            for _ in 0...("kmgtp".distance(from: "kmgtp".startIndex, to: power)) { scale *= 1024 }
        }
        while letters.last == " " { letters.removeLast() }
        let isNumber = !letters.isEmpty && letters.allSatisfy { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard isNumber, let number = Double(letters), let bytes = Int64(exactly: (number * scale).rounded(.down)) else {
            throw OptionError(text, for: option, "invalid size: '\(text)'")
        }
        return bytes
    }
}

/// Lengths of time: `30s`, `1m30s`, `500ms`.
enum DurationOption {
    private static let units: [(suffix: String, seconds: Double)] = [
        ("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3_600),
    ]

    static func seconds(_ text: String, option: String) throws(OptionError) -> Double {
        guard let seconds = seconds(text) else {
            throw OptionError(text, for: option, "invalid duration \"\(text)\": use 30s, 1m30s or 500ms")
        }
        return seconds
    }

    /// `nil` where the text is no length of time.
    static func seconds(_ text: String) -> Double? {
        if text == "0" { return 0 }
        var rest = text[...]
        var total = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            let letters = rest.dropFirst(digits.count).prefix { $0.isLetter }
            guard let number = Double(digits), let unit = units.first(where: { $0.suffix == letters }) else {
                return nil
            }
            total += number * unit.seconds
            rest = rest.dropFirst(digits.count + letters.count)
        }
        return text.isEmpty ? nil : total
    }
}
