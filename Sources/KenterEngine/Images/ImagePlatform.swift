import CLinux
import Glibc
package import JSONRPC

/// An operating system and processor that an image is for, in the words of image indexes: `linux/arm64/v8`.
package struct ImagePlatform: Hashable, Sendable, CustomStringConvertible {
    package let os: String
    package let architecture: String
    package let variant: String?

    package init(os: String, architecture: String, variant: String? = nil) {
        (self.os, self.architecture, self.variant) = (os, architecture, variant)
    }

    /// Reads `os/architecture[/variant]` or an architecture alone. Fails with `invalidParams`.
    package init(_ text: String) throws(RPCError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let isPlain = parts.allSatisfy { part in
            !part.isEmpty
                && part.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                        UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
        }
        guard isPlain, parts.count <= 3 else {
            throw RPCError(
                .invalidParams, "'\(escapedForMessage(text))' is no platform: write os/architecture, like linux/arm64")
        }
        switch parts.count {
        case 1: self.init(os: "linux", architecture: parts[0])
        case 2: self.init(os: parts[0], architecture: parts[1])
        default: self.init(os: parts[0], architecture: parts[1], variant: parts[2])
        }
    }

    /// This machine's.
    package static let host: ImagePlatform = {
        var system = utsname()
        uname(&system)
        let machine = withUnsafeBytes(of: system.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        switch machine {
        case "x86_64": return ImagePlatform(os: "linux", architecture: "amd64")
        case "aarch64": return ImagePlatform(os: "linux", architecture: "arm64", variant: "v8")
        case "armv7l": return ImagePlatform(os: "linux", architecture: "arm", variant: "v7")
        case "i686", "i386": return ImagePlatform(os: "linux", architecture: "386")
        default: return ImagePlatform(os: "linux", architecture: machine)
        }
    }()

    /// Whether what is made for this platform runs on `other`; a variant that is not said suits any.
    func suits(_ other: ImagePlatform) -> Bool {
        os == other.os && architecture == other.architecture
            && (variant == nil || other.variant == nil || variant == other.variant)
    }

    package var description: String { "\(os)/\(architecture)" + (variant.map { "/\($0)" } ?? "") }
}

/// Text of others made safe for one line: control and formatting characters are escaped.
func escapedForMessage(_ text: some StringProtocol) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars.prefix(512) {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: escaped += scalar.escaped(asASCII: true)
        default: escaped.unicodeScalars.append(scalar)
        }
    }
    return escaped
}
