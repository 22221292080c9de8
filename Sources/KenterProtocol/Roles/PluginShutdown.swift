public import JSONRPC

/// Asks the plugin to finish; its standard input closes after the answer.
public struct PluginShutdown: RPCMethod {
    public static let name = "plugin.shutdown"

    public var deadlineMs: Int

    public typealias Result = Empty

    public init(
        deadlineMs: Int
    ) {
        self.deadlineMs = deadlineMs
    }
}
