public import JSONRPC

/// Removes images that have no name and are not in use.
public struct ImagePrune: RPCMethod {
    public static let name = "image.prune"

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
