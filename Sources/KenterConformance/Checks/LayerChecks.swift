import Glibc
import JSONRPC
import KenterProtocol

/// Image layers: the capability `rootfs` of the role `storage`.
enum LayerChecks {
    static let all: [Check] = [
        Check("layer.life", "a layer is applied and removed", needs: needs) { bench throws(CheckEnd) in
            let session = try bench.ready()
            let layer = try bench.layer(SmallArchive.plain)
            let result = try session.succeed(apply(layer)).value
            try (result.sizeBytes >= 0).orFail("its size is \(result.sizeBytes) bytes")
            _ = try session.succeed(ProviderLayerRemove(digest: layer.digest))
        },
        Check("layer.apply.repeated", "the same layer again has the same result (R1)", needs: works) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            let layer = try bench.layer(SmallArchive.plain)
            let first = try session.succeed(apply(layer)).json
            let second = try session.succeed(apply(layer)).json
            try (first == second).orFail("the second result is another one")
        },
        Check("layer.apply.digest", "a layer whose digest is another one is refused", needs: works) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            var layer = try bench.layer(SmallArchive.plain)
            layer.digest = "sha256:" + String(repeating: "0", count: 64)
            try session.refuse(apply(layer), "the file has another digest")
        },
        Check("layer.apply.inside", "a layer writes nothing outside its directory", needs: works) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            let outside = bench.path("escape")
            let target = String(outside.dropFirst())
            let upwards = String(repeating: "../", count: 12)
            let archives: [[SmallArchive.Entry]] = [
                [.file("\(upwards)\(target)", "out\n")],
                [.symbolicLink("way", to: "/"), .file("way/\(target)", "out\n")],
                [.symbolicLink("way", to: "\(upwards)\(bench.directory.dropFirst())"), .file("way/escape", "out\n")],
            ]
            for (number, entries) in archives.enumerated() {
                _ = try session.ask(apply(try bench.layer(SmallArchive.archive(entries), "layer\(number).tar")))
                try (Files.kind(outside) == nil).orFail("a layer made \(outside)")
            }
        },
        Check("layer.remove.unknown", "removing a layer that is not there, or no more, succeeds (R3)", needs: works) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            let layer = try bench.layer(SmallArchive.plain)
            _ = try session.succeed(ProviderLayerRemove(digest: layer.digest))
            _ = try session.succeed(apply(layer))
            for _ in 1...2 { _ = try session.succeed(ProviderLayerRemove(digest: layer.digest)) }
        },
        Check("layer.apply.killed", "after a kill at any byte the call is repeated, and succeeds (R5)", needs: works) {
            bench throws(CheckEnd) in
            let layer = try bench.layer(SmallArchive.plain)
            let known = ProviderReconcile(layerDigests: [layer.digest])
            try Kill.atManyBytes(bench, during: apply(layer), known: known) { session throws(CheckEnd) in
                _ = try session.succeed(apply(layer), "after it was killed")
            }
        },
    ]

    static let needs: [Check.Need] = [.capability("rootfs", of: "storage"), .passed("configure.ready")]
    static let works = needs + [.passed("layer.life")]

    static func apply(_ layer: LayerFile) -> ProviderLayerApply {
        ProviderLayerApply(
            digest: layer.digest, path: layer.path, mediaType: "application/vnd.oci.image.layer.v1.tar")
    }
}
