import JSONRPC

/// Bytes that travel as a string in base 64 (RFC 4648, section 4, with padding).
public struct Base64: Codable, Sendable, Equatable {
    public var bytes: [UInt8]

    public init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xff, count: 256)
        for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
        return values
    }()

    /// The encoded string.
    public var text: String {
        var output: [UInt8] = []
        output.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let count = min(3, bytes.count - index)
            var group: UInt32 = 0
            for offset in 0..<3 { group = group << 8 | (offset < count ? UInt32(bytes[index + offset]) : 0) }
            for letter in 0..<4 {
                let value = Int(group >> UInt32(18 - 6 * letter) & 0x3f)
                output.append(letter <= count ? Self.alphabet[value] : UInt8(ascii: "="))
            }
            index += 3
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// `nil` when `text` is no base 64.
    public init?(text: String) {
        let letters = Array(text.utf8)
        guard letters.count % 4 == 0 else { return nil }
        let padding = letters.suffix(2).filter { $0 == UInt8(ascii: "=") }.count
        bytes = []
        bytes.reserveCapacity(letters.count / 4 * 3)
        for start in stride(from: 0, to: letters.count, by: 4) {
            var group: UInt32 = 0
            for offset in 0..<4 {
                let isPadding = start + offset >= letters.count - padding
                let value = isPadding ? 0 : Self.values[Int(letters[start + offset])]
                guard value != 0xff else { return nil }
                group = group << 6 | UInt32(value)
            }
            bytes.append(UInt8(group >> 16))
            bytes.append(UInt8(group >> 8 & 0xff))
            bytes.append(UInt8(group & 0xff))
        }
        bytes.removeLast(min(padding, bytes.count))
    }

    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let decoded = Self(text: text) else { throw JSONShapeError(path: "", detail: "invalid base 64") }
        self = decoded
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
