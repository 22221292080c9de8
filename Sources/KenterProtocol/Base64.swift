import CBytes
import JSONRPC

/// Bytes that travel as a string in base 64 (RFC 4648, section 4, with padding).
public struct Base64: Codable, Sendable, Equatable {
    public var bytes: [UInt8]

    public init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    /// The encoded string.
    public var text: String {
        String(unsafeUninitializedCapacity: (bytes.count + 2) / 3 * 4) { letters in
            guard let start = letters.baseAddress else { return 0 }
            cbytes_base64_encode(bytes, bytes.count, start)
            return (bytes.count + 2) / 3 * 4
        }
    }

    /// `nil` when `text` is no base 64.
    public init?(text: String) {
        var text = text
        let decoded = text.withUTF8 { letters in
            var isValid = true
            let bytes = [UInt8](unsafeUninitializedCapacity: letters.count / 4 * 3) { buffer, count in
                guard let start = buffer.baseAddress, let source = letters.baseAddress else { return }
                count = cbytes_base64_decode(source, letters.count, start)
                if count < 0 { (count, isValid) = (0, false) }
            }
            // What is shorter than one group of letters has no buffer above.
            return isValid && letters.count % 4 == 0 ? bytes : nil
        }
        guard let decoded else { return nil }
        bytes = decoded
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
