import JSONRPC
import KenterProtocol

/// Layers and root filesystems after errors, when the plugin dies, and what `provider.reconcile` makes of them.
enum LayerCrashChecks {
    static let all: [Check] = [
        Check(
            "layer.remove.after-error", "after an error the opposite call cleans up, and all starts anew (R4)",
            needs: layersWork + [.passed("layer.remove.unknown")]
        ) { bench throws(CheckEnd) in
            let session = try bench.ready()
            let layer = try bench.layer(SmallArchive.plain)
            let cut = try bench.layer(Array(SmallArchive.plain.prefix(700)), "cut.tar")
            for path in [cut.path, bench.path("nowhere")] {
                _ = try session.ask(LayerChecks.apply(LayerFile(digest: layer.digest, path: path)))
                _ = try session.succeed(ProviderLayerRemove(digest: layer.digest), "whether or not apply had failed")
            }
            _ = try session.succeed(LayerChecks.apply(layer), "after an error and its clean-up")
        },
        Check(
            "layer.remove.killed", "after a kill while it removes a layer it does so again, and the layer is gone (R5)",
            needs: works + [.passed("rootfs.prepare.layers"), .passed("layer.remove.unknown")]
        ) { bench throws(CheckEnd) in
            let layer = try bench.layer(SmallArchive.plain)
            let removal = ProviderLayerRemove(digest: layer.digest)
            try Kill.whileRemoving(bench, removal, known: ProviderReconcile(layerDigests: [layer.digest])) {
                session throws(CheckEnd) in
                _ = try session.succeed(LayerChecks.apply(layer), "after it was removed")
            } verify: { session throws(CheckEnd) in
                try session.refuse(prepare("c1", layer), "the layer was removed")
            }
        },
        Check(
            "rootfs.remove.after-error", "after an error the opposite call cleans up, and all starts anew (R4)",
            needs: works + [.passed("rootfs.remove.unknown")]
        ) { bench throws(CheckEnd) in
            let session = try bench.ready()
            let layer = try bench.layer(SmallArchive.plain)
            _ = try session.ask(prepare("c1", layer))
            _ = try session.succeed(ProviderRootfsRemove(containerId: "c1"), "whether or not prepare had failed")
            _ = try session.succeed(LayerChecks.apply(layer))
            _ = try session.succeed(prepare("c1", layer), "after an error and its clean-up")
        },
        Check(
            "rootfs.remove.killed",
            "after a kill while it removes a root filesystem it does so again, and that is gone (R5)",
            needs: works + [.passed("rootfs.remove.unknown")]
        ) { bench throws(CheckEnd) in
            let layer = try bench.layer(SmallArchive.plain)
            let removal = ProviderRootfsRemove(containerId: "c1")
            let known = ProviderReconcile(containerIds: ["c1"], layerDigests: [layer.digest])
            try Kill.whileRemoving(bench, removal, known: known) { session throws(CheckEnd) in
                _ = try session.succeed(LayerChecks.apply(layer))
                _ = try session.succeed(prepare("c1", layer))
            } verify: { session throws(CheckEnd) in
                // With other layers, which would be a conflict if anything were left.
                _ = try session.succeed(prepare("c1"), "after it was removed")
                _ = try session.succeed(removal)
            }
        },
        Check(
            "reconcile.rootfs", "root filesystems that the engine no longer names are removed, and told", needs: works
        ) { bench throws(CheckEnd) in
            let session = try bench.ready()
            let layer = try bench.layer(SmallArchive.plain)
            _ = try session.succeed(LayerChecks.apply(layer))
            for id in ["c1", "c2"] { _ = try session.succeed(prepare(id)) }
            let kept = ProviderReconcile(containerIds: ["c2", "c9"], layerDigests: [layer.digest])
            try session.reconciled(kept).expect(removed: ["c1"], missing: ["c9"])
            _ = try session.succeed(prepare("c1", layer), "after it was removed")
        },
        Check(
            "reconcile.layers", "layers that the engine no longer names are removed, and told",
            needs: works + [.passed("rootfs.prepare.layers")]
        ) { bench throws(CheckEnd) in
            let session = try bench.ready()
            let layers = try applied(2, bench, session)
            let unknown = "sha256:" + String(repeating: "9", count: 64)
            let kept = ProviderReconcile(layerDigests: [layers[1].digest, unknown])
            try session.reconciled(kept).expect(removed: [layers[0].digest], missing: [unknown])
            try session.refuse(prepare("c1", layers[0]), "the layer was removed")
            _ = try session.succeed(prepare("c2", layers[1]), "the engine has named the layer")
        },
        Check(
            "reconcile.layers-used", "cleaning goes on past a layer that a container stands on, and reports it (R7)",
            needs: works
        ) { bench throws(CheckEnd) in
            let session = try bench.ready()
            let layers = try applied(3, bench, session)
            _ = try session.succeed(prepare("c1", layers[1]))
            let result = try session.reconciled(ProviderReconcile(containerIds: ["c1"]))
            let told = Set(result.removed + result.errors.map(\.id))
            for layer in layers { try told.contains(layer.digest).orFail("it does not tell of \(layer.digest)") }
            let isClean = result.removed.contains(layers[0].digest) && result.removed.contains(layers[2].digest)
            try isClean.orFail("it removed only \(result.removed), with one of three layers in use")
            try (!result.removed.contains("c1")).orFail("it removed c1, which was named")
        },
    ]

    private static let layersWork = LayerChecks.works
    private static let works = layersWork + [.passed("rootfs.life")]

    private static func prepare(_ id: String, _ layers: LayerFile...) -> ProviderRootfsPrepare {
        ProviderRootfsPrepare(containerId: id, layers: layers.map(\.digest))
    }

    /// Some layers, applied, in the order of their digests, in which they may be cleaned.
    private static func applied(_ count: Int, _ bench: Bench, _ session: PluginSession) throws(CheckEnd) -> [LayerFile]
    {
        var layers: [LayerFile] = []
        for number in 1...count {
            let archive = SmallArchive.archive([.file("number", "\(number)\n")])
            let layer = try bench.layer(archive, "layer\(number).tar")
            _ = try session.succeed(LayerChecks.apply(layer))
            layers.append(layer)
        }
        return layers.sorted { $0.digest < $1.digest }
    }
}
