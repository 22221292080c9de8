import CLinux
import Glibc

/// An IPv4 or IPv6 address without zone.
public struct IPAddress: Hashable, Sendable {
    /// The version of the Internet protocol an address belongs to.
    public enum Family: Hashable, Sendable, CaseIterable {
        case ipv4
        case ipv6

        /// Bits of an address: 32 or 128.
        public var bitCount: Int { self == .ipv4 ? 32 : 128 }

        /// The kernel's number, as in `sockaddr.sa_family`.
        public var number: UInt8 { UInt8(self == .ipv4 ? AF_INET : AF_INET6) }
    }

    public let family: Family
    /// The address as a number, its last octet in the lowest eight bits.
    public let value: UInt128

    public init(family: Family, value: UInt128) {
        self.family = family
        self.value = value
    }

    /// Parses dotted decimal (four parts, no leading zeros) or RFC 4291 text; `nil` for anything else, zones included.
    public init?(_ text: String) {
        guard text.utf8.count <= 45, !text.utf8.contains(0) else { return nil }
        var octets = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &octets) == 1 {
            self.init(bytes: octets[..<4])
        } else if inet_pton(AF_INET6, text, &octets) == 1 {
            self.init(bytes: octets[...])
        } else {
            return nil
        }
    }

    /// Reads 4 or 16 octets in network order; `nil` for any other count.
    public init?(bytes: ArraySlice<UInt8>) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.init(
            family: bytes.count == 4 ? .ipv4 : .ipv6,
            value: bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) })
    }

    /// The octets in network order: 4 or 16.
    public var bytes: [UInt8] {
        stride(from: family.bitCount - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> UInt128($0)) }
    }

    /// 0.0.0.0 or ::.
    public var isUnspecified: Bool { value == 0 }

    /// 127.0.0.0/8 or ::1.
    public var isLoopback: Bool { family == .ipv4 ? value >> 24 == 127 : value == 1 }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted decimal, or the compressed lower-case text of RFC 5952.
    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let octets = bytes
        guard inet_ntop(Int32(family.number), octets, &text, socklen_t(text.count)) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// An address with the length of its network part: `172.17.0.2/16`, `fd00::/64`.
public struct IPPrefix: Hashable, Sendable {
    public let address: IPAddress
    /// Leading bits that name the network: 0…32 or 0…128.
    public let length: Int

    /// `nil` when `length` does not fit the address's family.
    public init?(_ address: IPAddress, length: Int) {
        guard (0...address.family.bitCount).contains(length) else { return nil }
        self.address = address
        self.length = length
    }

    /// Parses `address/length`; the length is one to three digits without a sign or leading zero.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(String(parts[0])),
            parts[1].utf8.count <= 3, parts[1].utf8.allSatisfy({ (48...57).contains($0) }),
            parts[1] == "0" || !parts[1].hasPrefix("0"), let length = Int(parts[1])
        else { return nil }
        self.init(address, length: length)
    }

    private init(unchecked address: IPAddress, length: Int) {
        self.address = address
        self.length = length
    }

    /// The prefix that holds just this address.
    public init(host address: IPAddress) {
        self.init(unchecked: address, length: address.family.bitCount)
    }

    public var family: IPAddress.Family { address.family }

    private var hostMask: UInt128 {
        let bits = family.bitCount - length
        return bits == 128 ? .max : (UInt128(1) << UInt128(bits)) - 1
    }

    /// The same prefix with every bit after its network part cleared.
    public var network: IPPrefix {
        IPPrefix(unchecked: IPAddress(family: family, value: address.value & ~hostMask), length: length)
    }

    /// The highest address: IPv4's broadcast address.
    public var last: IPAddress { IPAddress(family: family, value: address.value | hostMask) }

    /// The address `offset` after the network's own; `nil` past the end.
    public func address(at offset: UInt128) -> IPAddress? {
        guard offset <= hostMask else { return nil }
        return IPAddress(family: family, value: network.address.value + offset)
    }

    public func contains(_ other: IPAddress) -> Bool {
        other.family == family && other.value & ~hostMask == address.value & ~hostMask
    }

    /// Whether any address lies in both.
    public func overlaps(_ other: IPPrefix) -> Bool {
        length <= other.length ? contains(other.address) : other.contains(address)
    }
}

extension IPPrefix: CustomStringConvertible {
    public var description: String { "\(address)/\(length)" }
}
