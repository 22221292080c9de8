package import JSONRPC
package import KenterProtocol

/// A plugin from elsewhere that somebody has enabled: what it was at that moment, and what it may do since.
package struct PluginRecord: Codable, Sendable, Equatable {
    package let name: String
    /// Its executable, or the address it listens on.
    package var path: String
    /// The file that was enabled; `nil` for a plugin at an address.
    package var file: FileIdentity?
    /// What it answered to `plugin.hello`.
    package var manifest: JSONObject
    /// Variables that it may set although they change how programs run.
    package var grantedVariables: [String]
    package var enabledAt: Timestamp

    /// What must be the same for a file to be the one that was enabled.
    package struct FileIdentity: Codable, Sendable, Equatable {
        package var owner: UInt32
        /// Permission bits.
        package var mode: UInt32
        /// SHA-256 as 64 hexadecimal digits.
        package var digest: String
        /// Whether an interpreter runs it, which may read other files that the digest does not cover.
        package var isScript: Bool

        package init(owner: UInt32, mode: UInt32, digest: String, isScript: Bool) {
            self.owner = owner
            self.mode = mode
            self.digest = digest
            self.isScript = isScript
        }
    }

    package init(
        name: String, path: String, file: FileIdentity?, manifest: JSONObject, grantedVariables: [String],
        enabledAt: Timestamp
    ) {
        self.name = name
        self.path = path
        self.file = file
        self.manifest = manifest
        self.grantedVariables = grantedVariables
        self.enabledAt = enabledAt
    }
}
