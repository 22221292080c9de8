public import JSONRPC

/// Enables a plugin from elsewhere as its file is now, and starts it; for a file that has changed, again.
///
/// Asks it for its manifest (`plugin.hello`) first, and records path, owner, mode, SHA-256 and manifest. Only the user 0
/// may call this, over the Unix socket or standard input and output.
///
/// Fails with `forbidden`, `notFound`, `precondition`, `unavailable`.
public struct PluginEnable: RPCMethod {
    public static let name = "plugin.enable"

    public var plugin: String
    /// What it may do besides: `env=NAME`, a variable that it may set although it changes how programs run. Replaces
    /// what was granted before.
    public var grants: [String]?

    public struct Result: Codable, Sendable {
        public var state: PluginSummary.State
        /// Why it does not run.
        public var reason: String?

        public init(
            state: PluginSummary.State, reason: String? = nil
        ) {
            self.state = state
            self.reason = reason
        }
    }

    public init(
        plugin: String, grants: [String]? = nil
    ) {
        self.plugin = plugin
        self.grants = grants
    }
}
