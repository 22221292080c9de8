package import JSONRPC

/// A registry asked before Docker Hub, from the configuration's `registryMirrors`.
///
/// Written as Docker writes it: `https://mirror.example` or, where plain HTTP or an unknown certificate is to be
/// accepted, `http://10.0.0.2:5000`. When no mirror has an image, Docker Hub itself is asked.
package struct RegistryMirror: Hashable, Sendable {
    /// Host, port and path, without scheme: `mirror.example:5000/hub`.
    package let location: String
    /// Whether plain HTTP may be spoken with it, and its certificate goes unchecked.
    package let isInsecure: Bool

    /// Fails with `invalidParams` for anything but an http or https URL without query.
    package init(_ url: String) throws(RPCError) {
        let isInsecure = url.hasPrefix("http://")
        guard isInsecure || url.hasPrefix("https://") else { throw Self.invalid(url) }
        var location = url.dropFirst(isInsecure ? 7 : 8)
        while location.hasSuffix("/") { location = location.dropLast() }
        let isPlain = location.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "-")...UInt8(ascii: ":"), UInt8(ascii: "_"), UInt8(ascii: "["), UInt8(ascii: "]"):
                true
            default: false
            }
        }
        guard isPlain, !location.isEmpty else { throw Self.invalid(url) }
        self.location = String(location)
        self.isInsecure = isInsecure
    }

    private static func invalid(_ url: String) -> RPCError {
        RPCError(
            .invalidParams,
            "'\(escapedForMessage(url))' is no registry mirror: write a URL like https://mirror.example")
    }

    /// The mirrors in the form skopeo reads (containers-registries.conf(5)).
    static func configuration(_ mirrors: [RegistryMirror]) -> String {
        let entries = mirrors.map { mirror in
            "[[registry.mirror]]\nlocation = \"\(mirror.location)\"\ninsecure = \(mirror.isInsecure)\n"
        }
        return "[[registry]]\nlocation = \"docker.io\"\n" + entries.joined()
    }
}
