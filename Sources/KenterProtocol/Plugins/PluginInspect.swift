public import JSONRPC

/// One plugin. Never waits for it.
///
/// Fails with `notFound`.
public struct PluginInspect: RPCMethod {
    public static let name = "plugin.inspect"

    public var plugin: String

    public typealias Result = PluginSummary

    public init(
        plugin: String
    ) {
        self.plugin = plugin
    }
}
