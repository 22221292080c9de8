/// Names that may stand in a hosts file.
package enum HostName {
    /// Whether it has up to 253 characters, in labels of 1–63 letters, digits, `-` and `_` that begin with a letter or
    /// digit.
    package static func isValid(_ name: some StringProtocol) -> Bool {
        (1...253).contains(name.utf8.count)
            && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                label.utf8.count <= 63 && LinkAlias.isValid(label)
            }
    }
}
