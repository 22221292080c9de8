import KenterProtocol
import JSONRPC

/// The digest of a layer's blob: `sha256:` and 64 lower-case hexadecimal digits.
struct Digest: Hashable, Sendable {
    /// The whole text.
    let text: String
    private let bytes: [UInt8]

    init(_ text: String) throws(RPCError) {
        let digits = text.utf8.dropFirst(7)
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in digits {
            guard let value = Self.value(digit) else { break }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        guard text.hasPrefix("sha256:"), digits.count == 64, bytes.count == 32 else {
            throw RPCError(
                .invalidParams, "'\(printable(text.utf8))' is no digest: it must be sha256: and 64 hexadecimal digits")
        }
        self.text = text
        self.bytes = bytes
    }

    /// 26 characters of base 32 (130 of the digest's bits): short enough for the option page of an overlay mount.
    ///
    /// Two layers of one name are not mixed up: the store compares whole digests.
    var shortName: String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        var name: [UInt8] = []
        for index in 0..<26 {
            let bit = index * 5
            let pair = UInt16(bytes[bit / 8]) << 8 | UInt16(bytes[bit / 8 + 1])
            name.append(alphabet[Int(pair >> (11 - UInt16(bit % 8)) & 31)])
        }
        return String(decoding: name, as: UTF8.self)
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
