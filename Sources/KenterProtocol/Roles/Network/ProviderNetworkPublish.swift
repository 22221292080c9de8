public import JSONRPC

/// Publishes exactly these ports of an attachment, whatever was published before.
public struct ProviderNetworkPublish: RPCMethod {
    public static let name = "provider.network.publish"

    public var attachmentId: String
    public var ports: [Port]

    public struct Result: Codable, Sendable {
        public var ports: [Port]

        public init(
            ports: [Port] = []
        ) {
            self.ports = ports
        }
    }

    public init(
        attachmentId: String, ports: [Port] = []
    ) {
        self.attachmentId = attachmentId
        self.ports = ports
    }
}
