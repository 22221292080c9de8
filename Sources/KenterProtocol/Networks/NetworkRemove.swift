public import JSONRPC

/// Removes a network on which no container runs; containers that are stopped belong to it no more.
///
/// Fails with `notFound`, `permission` (the default network), `conflict` (containers run on it), `precondition`,
/// `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`.
public struct NetworkRemove: RPCMethod {
    public static let name = "network.remove"

    /// A name, id or unambiguous id prefix.
    public var network: String

    public struct Result: Codable, Sendable {
        public var id: String

        public init(
            id: String
        ) {
            self.id = id
        }
    }

    public init(
        network: String
    ) {
        self.network = network
    }
}
