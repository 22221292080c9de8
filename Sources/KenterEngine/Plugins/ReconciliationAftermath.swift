import JSONRPC
import KenterProtocol
import KenterState
import Logging
import Synchronization

/// What the engine does when a plugin has started anew: makes again what the plugin no longer has.
final class ReconciliationAftermath: Sendable {
    private struct Services {
        var networks: NetworkService
        var volumes: VolumeService
        var links: LinkService
        var store: StateStore
        var log: Logger
    }

    /// Missing until the services exist; plugins that start before find them made anew anyway.
    private let services = Mutex<Services?>(nil)

    func connect(
        networks: NetworkService, volumes: VolumeService, links: LinkService, store: StateStore, log: Logger
    ) {
        services.withLock {
            $0 = Services(networks: networks, volumes: volumes, links: links, store: store, log: log)
        }
    }

    func handle(_ plugin: String, _ roles: [ProviderRole], _ result: ProviderReconcile.Result) async {
        guard let services = services.withLock({ $0 }) else { return }
        if roles.contains(.link) { await services.links.updateAll() }
        if roles.contains(.storage) { await services.volumes.finishRemovals(of: plugin) }
        guard roles.contains(.network) else { return }
        services.networks.providerStarted(plugin)
        let missing = Set(result.missing)
        do {
            try await services.networks.makeAnew(plugin, missing: missing)
            let attachments = try services.store.read { transaction in
                try transaction.attachments().filter { try transaction.network(id: $0.networkId)?.provider == plugin }
            }
            // A container's first interface before its second: the first becomes its way out.
            let ordered = attachments.sorted {
                ($0.interface.utf8.count, $0.interface) < ($1.interface.utf8.count, $1.interface)
            }
            for attachment in ordered where missing.contains(attachment.id) && attachment.isAttached {
                await services.networks.reattach(attachment)
            }
            if !missing.isEmpty { await services.links.reopenPaths() }
        } catch {
            services.log.error(
                "cannot make anew what a plugin misses", metadata: ["plugin": "\(plugin)", "error": "\(error)"])
        }
        for failure in result.errors {
            services.log.error(
                "a plugin cannot clean up",
                metadata: ["plugin": "\(plugin)", "id": "\(failure.id)", "error": "\(failure.message)"])
        }
    }

    /// Remembers what a plugin no longer has, so that it is made anew when it is needed: a layer is unpacked again when an
    /// image with it is pulled or loaded, a volume is made, empty, when it is mounted, a link's provider acts again.
    static func forget(_ missing: [String], of plugin: String, _ store: StateStore, _ log: Logger) {
        let missing = Set(missing)
        if missing.isEmpty { return }
        do {
            let volumes = try store.write { transaction in
                for layer in try transaction.layers() where layer.provider == plugin && missing.contains(layer.digest) {
                    try transaction.deleteLayer(digest: layer.digest)
                }
                for var link in try transaction.links()
                where link.provider == plugin && missing.contains(link.id) && link.effects != nil {
                    link.effects = nil
                    _ = try transaction.update(link)
                }
                return try forgetVolumes(missing, of: plugin, transaction)
            }
            for name in volumes {
                log.error(
                    "the data of a volume is gone: the volume is made anew when it is mounted",
                    metadata: ["volume": "\(name)", "plugin": "\(plugin)"])
            }
        } catch {
            // It is found missing again at the plugin's next start.
            log.error("cannot record what a plugin misses", metadata: ["plugin": "\(plugin)", "error": "\(error)"])
        }
    }

    private static func forgetVolumes(
        _ missing: Set<String>, of plugin: String, _ transaction: Transaction
    ) throws -> [String] {
        try transaction.volumes().filter { volume in
            guard volume.provider == plugin, missing.contains(volume.id), volume.providerState != nil,
                volume.isRemoving != true
            else { return false }
            var lost = volume
            lost.providerState = nil
            lost.isUnused = true
            try transaction.save(lost)
            return true
        }.map(\.name)
    }

    /// Passes on what a plugin reports, as an event of the engine.
    static func record(_ event: PluginEvent, of plugin: String, _ store: StateStore, _ journal: EventJournal) {
        var attributes = event.attributes
        attributes["plugin"] = plugin
        let stamped = attributes
        // An event that cannot be written is lost; the engine goes on.
        _ = try? store.write {
            try $0.append(event: "plugin.\(event.kind)", id: event.id, name: plugin, attributes: stamped)
        }
        journal.committed()
    }
}
