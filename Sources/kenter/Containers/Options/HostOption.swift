import CLinux
import Glibc

/// `--add-host name:address` or `name=address`; an IPv6 address may stand in brackets.
enum HostOption {
    static func entry(_ text: String) throws(OptionError) -> String {
        let separator: Character = text.contains("=") ? "=" : ":"
        let parts = text.split(separator: separator, maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw OptionError(text, for: "--add-host", "bad format for add-host: \"\(text)\"")
        }
        // The engine knows where its host is, seen from a container.
        let isBracketed = parts[1].hasPrefix("[") && parts[1].hasSuffix("]")
        let address = String(isBracketed ? parts[1].dropFirst().dropLast() : parts[1])
        guard address == "host-gateway" || isAddress(address) else {
            throw OptionError(text, for: "--add-host", "invalid IP address in add-host: \"\(parts[1])\"")
        }
        return "\(parts[0]):\(address)"
    }

    private static func isAddress(_ text: String) -> Bool {
        var bytes = in6_addr()
        return inet_pton(AF_INET, text, &bytes) == 1 || inet_pton(AF_INET6, text, &bytes) == 1
    }
}
