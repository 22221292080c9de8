/// What makes a variable look secret: its name, or a password within a URL.
enum SecretNames {
    private static let words = [
        "PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "PRIVATE",
    ]
    private static let endings = ["_PASS", "_PWD", "_AUTH"]

    static func looksSecret(name: String, value: String) -> Bool {
        let name = name.uppercased()
        return words.contains { contains(name, $0) } || endings.contains { name.hasSuffix($0) }
            || holdsPassword(value)
    }

    /// Whether there is a URL of the form `scheme://user:password@host` in the value.
    private static func holdsPassword(_ value: String) -> Bool {
        let bytes = Array(value.utf8)
        let (slash, at) = (UInt8(ascii: "/"), UInt8(ascii: "@"))
        for start in bytes.indices.dropFirst(2) where bytes[start] == slash && bytes[start - 1] == slash {
            guard bytes[start - 2] == UInt8(ascii: ":") else { continue }
            let authority = bytes[(start + 1)...].prefix {
                $0 != slash && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#")
            }
            guard let end = authority.lastIndex(of: at) else { continue }
            if authority[..<end].contains(UInt8(ascii: ":")) { return true }
        }
        return false
    }

    private static func contains(_ text: String, _ word: String) -> Bool {
        Glob("*\(word)*").matches(text)
    }
}
