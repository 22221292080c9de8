import CLinux
import Glibc

/// The host's IPv4 addresses and routes, as far as they keep a subnet from being used.
enum HostRoutes {
    /// Destinations of the main routing table, without the default route.
    static func subnets() -> [IPv4Subnet] {
        guard let text = SmallFile.readText("/proc/net/route", limitBytes: 1 << 20) else { return [] }
        return subnets(inRouteTable: text)
    }

    /// Reads the kernel's table: hexadecimal numbers in the host's byte order, a line a route.
    static func subnets(inRouteTable text: String) -> [IPv4Subnet] {
        text.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(whereSeparator: { $0 == "\t" || $0 == " " })
            guard fields.count >= 8, let destination = UInt32(fields[1], radix: 16),
                let mask = UInt32(fields[7], radix: 16), mask != 0
            else { return nil }
            return IPv4Subnet(base: UInt32(bigEndian: destination), prefixLength: mask.nonzeroBitCount)
        }
    }
}
