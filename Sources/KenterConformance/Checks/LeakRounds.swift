import JSONRPC
import KenterProtocol

/// Everything that a plugin can make, made and removed; errors are left to the checks of those calls.
struct LeakRounds {
    let session: PluginSession
    private let bench: Bench
    private let layer: LayerFile?

    init(_ bench: Bench, _ session: PluginSession) throws(CheckEnd) {
        self.bench = bench
        self.session = session
        let hasLayers = bench.plays("storage") && bench.has("rootfs", of: "storage")
        layer = hasLayers ? try bench.layer(SmallArchive.plain) : nil
        if bench.plays("network") { try AttachmentScene.makeContainers(bench) }
    }

    /// What takes longer is made in some of the rounds only.
    func makeAndRemove(_ round: Int) throws(CheckEnd) {
        let id = "r\(round)"
        _ = try session.ask(Bench.hello())
        if bench.plays("link") { try link(id) }
        if bench.plays("storage"), bench.has("volumes", of: "storage") { try volume(id) }
        if let layer, round % 3 == 0 { try rootfs(id, layer) }
        if bench.plays("network"), bench.sandbox != nil { try network(id, attaching: round % 5 == 0) }
    }

    private func link(_ id: String) throws(CheckEnd) {
        _ = try session.ask(LinkSamples.plain)
        guard bench.has("effects", of: "link") else { return }
        _ = try session.ask(LinkEffectChecks.establish(id))
        _ = try session.ask(ProviderLinkRevoke(linkId: id))
    }

    private func volume(_ id: String) throws(CheckEnd) {
        if case .success(let made) = try session.ask(VolumeChecks.create(id)) {
            _ = try session.ask(VolumeChecks.mount("m\(id)", id, made.value.state))
            _ = try session.ask(ProviderVolumeUnmount(mountId: "m\(id)", volumeId: id))
        }
        _ = try session.ask(ProviderVolumeRemove(volumeId: id))
    }

    private func rootfs(_ id: String, _ layer: LayerFile) throws(CheckEnd) {
        _ = try session.ask(LayerChecks.apply(layer))
        _ = try session.ask(ProviderRootfsPrepare(containerId: id, layers: [layer.digest]))
        _ = try session.ask(ProviderRootfsRemove(containerId: id))
        _ = try session.ask(ProviderLayerRemove(digest: layer.digest))
    }

    private func network(_ id: String, attaching: Bool) throws(CheckEnd) {
        if case .success(let made) = try session.ask(NetworkChecks.create(id)), attaching {
            let scene = try AttachmentScene(bench, session, network: id, made.value.state)
            for name in ["a1", "a2"] { _ = try session.ask(scene.attach(name)) }
            _ = try session.ask(scene.rules(set: [scene.link("l\(id)", ports: ["80"])]))
            _ = try session.ask(scene.rules(remove: ["l\(id)"]))
            for name in ["a1", "a2"] { _ = try session.ask(scene.detach(name)) }
        }
        _ = try session.ask(ProviderNetworkRemove(networkId: id))
    }
}
