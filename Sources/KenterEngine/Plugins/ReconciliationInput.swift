import JSONRPC
import KenterProtocol
import KenterState

/// All that exists, as a plugin is told when it starts.
enum ReconciliationInput {
    static func read(_ store: StateStore) throws -> ProviderReconcile {
        try store.read { transaction in
            ProviderReconcile(
                networkIds: try transaction.networks().map(\.id),
                attachmentIds: try transaction.attachments().map(\.id), linkIds: try transaction.links().map(\.id),
                volumeIds: try transaction.volumes().map(\.id), mountIds: try transaction.volumeMountIDs(),
                containerIds: try transaction.containers().map(\.id),
                layerDigests: try transaction.layers().map(\.digest))
        }
    }
}
