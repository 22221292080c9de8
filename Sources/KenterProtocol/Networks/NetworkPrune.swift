public import JSONRPC

/// Removes every network that no container belongs to, stopped ones included; never the default network.
public struct NetworkPrune: RPCMethod {
    public static let name = "network.prune"

    public struct Result: Codable, Sendable {
        /// Names.
        public var removed: [String]

        public init(
            removed: [String] = []
        ) {
            self.removed = removed
        }
    }

    public init() {}
}
