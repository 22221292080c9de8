import JSONRPC

/// An executable that is to be run as a plugin, or an address where one listens.
package struct PluginFile: Sendable, Equatable {
    /// The name of its file.
    package var name: String
    /// Absolute, and without symbolic links above the file itself; for an address `tcp://127.0.0.1:7071`.
    package var path: String
    /// Whether it is run only once somebody has enabled it.
    var isForeign = false
    /// Its configuration, where the engine's own says nothing.
    var configuration: JSONObject?
    /// The roles it may play; `nil` for all.
    var roles: Set<ProviderRole>?
    /// Of a plugin at an address: the file with the secret that both sides know.
    var secretPath: String?
    /// Why it cannot be enabled.
    var fault: String?

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
