public import JSONRPC

/// Hands a plugin its configuration and the directory for its state; before this call it touches nothing.
public struct PluginConfigure: RPCMethod {
    public static let name = "plugin.configure"

    public var config: JSONObject
    /// Absolute; its own, kept across restarts.
    public var stateDir: String
    /// At an address: HMAC-SHA-256 of `kenter-engine:PLUGIN-NONCE:ENGINE-NONCE`; the plugin refuses any other.
    public var proof: String?

    public struct Result: Codable, Sendable {
        public var ready: Bool
        public var warnings: [String]?

        public init(
            ready: Bool, warnings: [String]? = nil
        ) {
            self.ready = ready
            self.warnings = warnings
        }
    }

    public init(
        config: JSONObject, stateDir: String, proof: String? = nil
    ) {
        self.config = config
        self.stateDir = stateDir
        self.proof = proof
    }
}
