public import JSONRPC

/// Opens and closes paths between attachments in one kernel transaction; answers after stale connections are closed.
public struct ProviderNetworkRules: RPCMethod {
    public static let name = "provider.network.rules"

    /// All rules of one link; they hold in every family that both ends have.
    public struct LinkRules: Codable, Sendable, Equatable {
        public var linkId: String
        /// The consumer's attachment.
        public var from: String
        /// The source's attachment.
        public var to: String
        public var rules: [LinkPortRule]

        public init(
            linkId: String, from: String, to: String, rules: [LinkPortRule] = []
        ) {
            self.linkId = linkId
            self.from = from
            self.to = to
            self.rules = rules
        }
    }

    public var networkId: String
    /// Replaces all rules of these links.
    public var set: [LinkRules]
    /// Links to close.
    public var remove: [String]

    public typealias Result = Empty

    public init(
        networkId: String, set: [LinkRules] = [], remove: [String] = []
    ) {
        self.networkId = networkId
        self.set = set
        self.remove = remove
    }
}
