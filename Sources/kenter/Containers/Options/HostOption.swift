import CLinux
import Glibc

/// `--add-host name:address`.
enum HostOption {
    static func entry(_ text: String) throws(OptionError) -> String {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw OptionError(text, for: "--add-host", "bad format for add-host: \"\(text)\"")
        }
        // The engine knows where its host is, seen from a container.
        guard parts[1] == "host-gateway" || isAddress(String(parts[1])) else {
            throw OptionError(text, for: "--add-host", "invalid IP address in add-host: \"\(parts[1])\"")
        }
        return text
    }

    private static func isAddress(_ text: String) -> Bool {
        var bytes = in6_addr()
        return inet_pton(AF_INET, text, &bytes) == 1 || inet_pton(AF_INET6, text, &bytes) == 1
    }
}
