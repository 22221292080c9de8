public import JSONRPC

/// Tells a plugin all that still exists; what it holds beyond that is cleaned. Volumes are never cleaned.
public struct ProviderReconcile: RPCMethod {
    public static let name = "provider.reconcile"

    public var networkIds: [String]
    public var attachmentIds: [String]
    public var linkIds: [String]
    public var volumeIds: [String]
    public var mountIds: [String]
    public var containerIds: [String]
    public var layerDigests: [String]
    /// Only report.
    public var dryRun: Bool?

    public struct Failure: Codable, Sendable, Equatable {
        public var id: String
        public var message: String

        public init(
            id: String, message: String
        ) {
            self.id = id
            self.message = message
        }
    }

    public struct Result: Codable, Sendable {
        public var removed: [String]
        /// Named by the engine, unknown to the plugin.
        public var missing: [String]
        public var errors: [Failure]

        public init(
            removed: [String] = [], missing: [String] = [], errors: [Failure] = []
        ) {
            self.removed = removed
            self.missing = missing
            self.errors = errors
        }
    }

    public init(
        networkIds: [String] = [], attachmentIds: [String] = [], linkIds: [String] = [], volumeIds: [String] = [],
        mountIds: [String] = [], containerIds: [String] = [], layerDigests: [String] = [], dryRun: Bool? = nil
    ) {
        self.networkIds = networkIds
        self.attachmentIds = attachmentIds
        self.linkIds = linkIds
        self.volumeIds = volumeIds
        self.mountIds = mountIds
        self.containerIds = containerIds
        self.layerDigests = layerDigests
        self.dryRun = dryRun
    }
}
