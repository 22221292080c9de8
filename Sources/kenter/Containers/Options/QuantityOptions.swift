import KenterProtocol

/// Amounts of memory: `64m`, `1.5g`, `4096`; units are powers of 1,024.
enum SizeOption {
    static func bytes(_ text: String, option: String) throws(OptionError) -> Int64 {
        guard let bytes = SizeText.bytes(text) else {
            throw OptionError(text, for: option, "invalid size: '\(text)'")
        }
        return bytes
    }
}

/// Numbers of processors: `1.5`.
enum ProcessorOption {
    static func count(_ text: String) throws(OptionError) -> Double {
        guard let number = Double(text), number.isFinite, number >= 0 else {
            throw OptionError(text, for: "--cpus", "failed to parse \(text) as a rational number")
        }
        return number
    }
}

/// Lengths of time: `30s`, `1m30s`, `500ms`.
enum DurationOption {
    static func seconds(_ text: String, option: String) throws(OptionError) -> Double {
        guard let seconds = DurationText.seconds(text) else {
            throw OptionError(text, for: option, "invalid duration \"\(text)\": use 30s, 1m30s or 500ms")
        }
        return seconds
    }
}
