/// Lengths of time as people write them: `30s`, `1m30s`, `500ms`.
public enum DurationText {
    private static let units: [(suffix: String, seconds: Double)] = [
        ("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3_600),
    ]

    /// `nil` where the text is no length of time.
    public static func seconds(_ text: String) -> Double? {
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

    /// The shortest form: `90s`, `0.5s`.
    public static func text(seconds: Double) -> String {
        let isWhole = seconds == seconds.rounded() && abs(seconds) < 1e15
        return isWhole ? "\(Int64(seconds))s" : "\(seconds)s"
    }
}
