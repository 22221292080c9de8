import KenterProtocol

/// Amounts in the words that Docker's listings use.
enum HumanText {
    /// "3 minutes ago" for a moment of the wire; the text itself where it is none.
    static func age(of timestamp: String, now: Timestamp = .now) -> String {
        guard let moment = Timestamp(timestamp) else { return timestamp }
        return "\(duration(seconds: (Double(now.nanoseconds) - Double(moment.nanoseconds)) / 1e9)) ago"
    }

    /// "Less than a second", "About an hour", "3 weeks".
    static func duration(seconds: Double) -> String {
        let minutes = seconds / 60
        let hours = Int(min(minutes / 60 + 0.5, 1e15).rounded(.down))
        switch seconds {
        case ..<1: return "Less than a second"
        case ..<2: return "1 second"
        case ..<60: return "\(Int(seconds)) seconds"
        case ..<120: return "About a minute"
        case ..<3_600: return "\(Int(minutes)) minutes"
        default: break
        }
        switch hours {
        case ...1: return "About an hour"
        case ..<48: return "\(hours) hours"
        case ..<(24 * 7 * 2): return "\(hours / 24) days"
        case ..<(24 * 30 * 2): return "\(hours / 24 / 7) weeks"
        case ..<(24 * 365 * 2): return "\(hours / 24 / 30) months"
        default: return "\(hours / 24 / 365) years"
        }
    }

    /// "133MB", "5.59kB": three significant digits, in powers of 1,000.
    static func size(bytes: Int64) -> String {
        let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
        var amount = Double(max(0, bytes))
        var unit = 0
        // 999.5 would be rounded to 1e+03.
        while amount >= 999.5, unit < units.count - 1 {
            amount /= 1000
            unit += 1
        }
        let decimals = unit == 0 || amount >= 99.95 ? 0 : amount >= 9.995 ? 1 : 2
        return decimal(amount, decimals) + units[unit]
    }

    /// "2.625MiB", "512B": four significant digits, in powers of 1,024.
    static func binarySize(bytes: Int64) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        var amount = Double(max(0, bytes))
        var unit = 0
        while amount >= 1024, unit < units.count - 1 {
            amount /= 1024
            unit += 1
        }
        let decimals = unit == 0 || amount >= 999.95 ? 0 : amount >= 99.995 ? 1 : amount >= 9.9995 ? 2 : 3
        return decimal(amount, decimals) + units[unit]
    }

    /// "0.07%", "150.00%" for a share of the whole.
    static func percent(_ share: Double) -> String {
        // An Int has room for no more; nor has a column.
        let hundredths = Int(min(max(0, share * 10_000), 1e15).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)%"
    }

    /// With at most so many decimals, none of them trailing zeros.
    private static func decimal(_ amount: Double, _ decimals: Int) -> String {
        let scale = [1, 10, 100, 1000][decimals]
        let scaled = Int((amount * Double(scale)).rounded())
        var digits = String(scaled % scale + scale).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return digits.isEmpty ? String(scaled / scale) : "\(scaled / scale).\(digits)"
    }

    /// At most `count` characters, the last one an ellipsis where some were cut.
    static func shortened(_ text: String, to count: Int) -> String {
        text.count <= count ? text : text.prefix(count - 1) + "…"
    }

    /// A name as it is; the id of what has no name any more, cut.
    static func shortened(id name: String) -> String {
        name.utf8.count == 64 && name.allSatisfy(\.isHexDigit) ? shortID(name) : name
    }

    /// The first 12 digits of an id, without its algorithm.
    static func shortID(_ id: String) -> String {
        String(id[(id.firstIndex(of: ":").map(id.index(after:)) ?? id.startIndex)...].prefix(12))
    }
}
