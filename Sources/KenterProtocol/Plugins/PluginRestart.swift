public import JSONRPC

/// Ends a plugin and starts it again, also one that has failed.
///
/// Fails with `notFound`, `unavailable`.
public struct PluginRestart: RPCMethod {
    public static let name = "plugin.restart"

    public var plugin: String

    public typealias Result = Empty

    public init(
        plugin: String
    ) {
        self.plugin = plugin
    }
}
