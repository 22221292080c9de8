import CLinux
import Glibc

/// IP addresses as text.
package enum IPAddressText {
    /// The address printed anew in its one canonical form; `nil` for what is none.
    package static func canonical(_ text: String) -> String? {
        for family in [AF_INET, AF_INET6] {
            // Room for both families.
            var binary = [UInt8](repeating: 0, count: 16)
            guard inet_pton(family, text, &binary) == 1 else { continue }
            var printed = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            guard inet_ntop(family, binary, &printed, socklen_t(printed.count)) != nil else { continue }
            return String(decoding: printed.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
        return nil
    }
}
