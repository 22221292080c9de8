public import JSONRPC

/// Counters of an attachment, from the container's side.
public struct ProviderNetworkStats: RPCMethod {
    public static let name = "provider.network.stats"

    public var attachmentId: String

    public struct Result: Codable, Sendable {
        public var rxBytes: Int64
        public var txBytes: Int64
        public var rxPackets: Int64
        public var txPackets: Int64
        public var dropped: Int64

        public init(
            rxBytes: Int64, txBytes: Int64, rxPackets: Int64, txPackets: Int64, dropped: Int64
        ) {
            self.rxBytes = rxBytes
            self.txBytes = txBytes
            self.rxPackets = rxPackets
            self.txPackets = txPackets
            self.dropped = dropped
        }
    }

    public init(
        attachmentId: String
    ) {
        self.attachmentId = attachmentId
    }
}
