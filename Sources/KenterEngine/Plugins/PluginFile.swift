/// An executable that is to be run as a plugin; its file's name is the plugin's name.
package struct PluginFile: Sendable, Equatable {
    package var name: String
    /// Absolute, and without symbolic links above the file itself.
    package var path: String

    package init(name: String, path: String) {
        self.name = name
        self.path = path
    }

    /// Lower-case letters, digits and hyphens, up to 64, starting with a letter or digit: safe in paths and log lines.
    package static func isName(_ name: String) -> Bool {
        let bytes = name.utf8
        return (1...64).contains(bytes.count) && bytes.first != UInt8(ascii: "-")
            && bytes.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
            }
    }
}
