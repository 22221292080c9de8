public import JSONRPC

/// Removes volumes that no container uses: the unnamed ones, or all.
public struct VolumePrune: RPCMethod {
    public static let name = "volume.prune"

    /// Whether named volumes go too.
    public var all: Bool?

    public struct Result: Codable, Sendable {
        public var removed: [String]

        public init(
            removed: [String] = []
        ) {
            self.removed = removed
        }
    }

    public init(
        all: Bool? = nil
    ) {
        self.all = all
    }
}
