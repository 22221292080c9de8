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

    /// Whether the value is a URL of the form `scheme://user:password@host`.
    private static func holdsPassword(_ value: String) -> Bool {
        guard let start = Glob("*://*:*@*").matches(value) ? value.firstIndex(of: "/") : nil else { return false }
        let authority = value[start...].drop { $0 == "/" }.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let end = authority.lastIndex(of: "@") else { return false }
        return authority[..<end].contains(":")
    }

    private static func contains(_ text: String, _ word: String) -> Bool {
        Glob("*\(word)*").matches(text)
    }
}
