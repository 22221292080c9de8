public import JSONRPC

/// Whether the provider keeps containers apart on this host; no container starts unless it says so.
public struct ProviderNetworkCheck: RPCMethod {
    public static let name = "provider.network.check"

    public struct ForeignBlock: Codable, Sendable, Equatable {
        /// The table of somebody else that drops forwarded packets.
        public var table: String
        /// Commands that let Kenter's packets pass.
        public var remedy: String

        public init(
            table: String, remedy: String
        ) {
            self.table = table
            self.remedy = remedy
        }
    }

    public struct Result: Codable, Sendable {
        public var isolated: Bool
        public var antiSpoof: Bool
        public var failClosed: Bool
        public var foreignBlocks: [ForeignBlock]
        /// Whether the provider can do IPv6 on this host.
        public var ipv6: Bool?

        public init(
            isolated: Bool, antiSpoof: Bool, failClosed: Bool, foreignBlocks: [ForeignBlock] = [], ipv6: Bool? = nil
        ) {
            self.isolated = isolated
            self.antiSpoof = antiSpoof
            self.failClosed = failClosed
            self.foreignBlocks = foreignBlocks
            self.ipv6 = ipv6
        }
    }

    public init() {}
}
