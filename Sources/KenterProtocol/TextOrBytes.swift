import JSONRPC

/// Output of a process: a string where it is UTF-8, else `{"base64": "…"}`.
public struct TextOrBytes: Codable, Sendable, Equatable {
    public var bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The bytes as text, invalid UTF-8 replaced.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    private struct Encoded: Codable {
        var base64: Base64
    }

    public init(from decoder: any Decoder) throws {
        let value = try JSONValue(from: decoder)
        if let string = value.string {
            bytes = Array(string.utf8)
        } else {
            bytes = try JSONValueDecoder().decode(Encoded.self, from: value).base64.bytes
        }
    }

    public func encode(to encoder: any Encoder) throws {
        if let text = String(validating: bytes, as: UTF8.self) {
            var container = encoder.singleValueContainer()
            try container.encode(text)
        } else {
            try Encoded(base64: Base64(bytes)).encode(to: encoder)
        }
    }
}
