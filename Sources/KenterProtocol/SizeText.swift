/// Amounts of memory as people write them: `64m`, `1.5g`, `4096`; units are powers of 1,024.
public enum SizeText {
    /// `nil` where the text is no size.
    public static func bytes(_ text: String) -> Int64? {
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
        guard isNumber, let number = Double(letters) else { return nil }
        return Int64(exactly: (number * scale).rounded(.down))
    }
}
