public import JSONRPC

/// Whether the plugin works.
public struct PluginStatus: RPCMethod {
    public static let name = "plugin.status"

    public struct Result: Codable, Sendable {
        public var healthy: Bool
        public var detail: String?

        public init(
            healthy: Bool, detail: String? = nil
        ) {
            self.healthy = healthy
            self.detail = detail
        }
    }

    public init() {}
}
