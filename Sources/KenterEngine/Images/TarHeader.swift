/// The first block of a tar archive (POSIX ustar, and what came before it).
enum TarHeader {
    /// Whether 512 bytes are a header with the right checksum, or the zeros that end an empty archive.
    static func isValid(_ block: [UInt8]) -> Bool {
        guard block.count == 512 else { return false }
        if block.allSatisfy({ $0 == 0 }) { return true }
        let field = block[148..<156]
        let digits = field.drop { $0 == UInt8(ascii: " ") }.prefix {
            (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0)
        }
        guard let expected = Int(String(decoding: digits, as: UTF8.self), radix: 8) else { return false }
        let sum = block.indices.reduce(0) { $0 + (field.indices.contains($1) ? 0x20 : Int(block[$1])) }
        return sum == expected
    }
}
