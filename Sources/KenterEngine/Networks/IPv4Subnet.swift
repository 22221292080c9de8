/// A range of IPv4 addresses, such as `172.17.0.0/16`.
package struct IPv4Subnet: Sendable, Equatable, CustomStringConvertible {
    /// The first address; the bits after the prefix are zero.
    package let base: UInt32
    package let prefixLength: Int

    /// `nil` unless `text` is `a.b.c.d/n` with nothing set after the prefix.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let base = IPv4Address.number(String(parts[0])), let length = Int(parts[1]),
            (0...32).contains(length), String(length) == parts[1]
        else { return nil }
        self.init(base: base, prefixLength: length)
        guard self.base == base else { return nil }
    }

    package init(base: UInt32, prefixLength: Int) {
        self.prefixLength = prefixLength
        self.base = base & Self.mask(prefixLength)
    }

    private static func mask(_ length: Int) -> UInt32 { length == 0 ? 0 : ~0 << UInt32(32 - length) }

    package var last: UInt32 { base | ~Self.mask(prefixLength) }
    package func contains(_ address: UInt32) -> Bool { address >= base && address <= last }
    package func overlaps(_ other: IPv4Subnet) -> Bool { contains(other.base) || other.contains(base) }
    package var description: String { "\(IPv4Address.text(base))/\(prefixLength)" }
}

/// IPv4 addresses as text and number.
package enum IPv4Address {
    /// `nil` unless `text` is four decimal numbers without leading zeros.
    package static func number(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard let byte = UInt8(part), String(byte) == part else { return nil }
            number = number << 8 | UInt32(byte)
        }
        return number
    }

    package static func text(_ number: UInt32) -> String {
        "\(number >> 24).\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)"
    }
}
