public import JSONRPC

/// Removes every container that does not run.
public struct ContainerPrune: RPCMethod {
    public static let name = "container.prune"

    public struct Result: Codable, Sendable {
        public var removed: [String]

        public init(
            removed: [String] = []
        ) {
            self.removed = removed
        }
    }

    public init() {}
}
