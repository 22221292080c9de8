public import JSONRPC

/// Ends a plugin from elsewhere and forgets that it was enabled; what it has made stays.
///
/// Only the user 0 may call this, over the Unix socket or standard input and output.
///
/// Fails with `forbidden`, `notFound`, `precondition`, `unavailable`.
public struct PluginDisable: RPCMethod {
    public static let name = "plugin.disable"

    public var plugin: String
    /// Also while networks, volumes or links stand on it; operations on those fail from then on.
    public var force: Bool?

    public typealias Result = Empty

    public init(
        plugin: String, force: Bool? = nil
    ) {
        self.plugin = plugin
        self.force = force
    }
}
