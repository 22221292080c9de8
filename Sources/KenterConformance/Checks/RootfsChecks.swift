import CLinux
import Glibc
import JSONRPC
import KenterProtocol

/// Root filesystems: the capability `rootfs` of the role `storage`.
enum RootfsChecks {
    static let all: [Check] = [
        Check("rootfs.life", "a root filesystem is prepared, measured and removed", needs: needs) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            let state = try session.succeed(try prepare(bench, session, "c1")).value.state
            let usage = try session.succeed(ProviderRootfsUsage(containerId: "c1")).value
            try (usage.sizeBytes >= 0 && usage.inodes >= 0).orFail("it uses \(usage.sizeBytes) bytes")
            _ = try session.succeed(ProviderRootfsRemove(containerId: "c1", state: state))
        },
        Check("rootfs.prepare.repeated", "the same root filesystem again has the same result (R1)", needs: works) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            let request = try prepare(bench, session, "c1")
            let first = try session.succeed(request).json
            let second = try session.succeed(request).json
            try (first == second).orFail("the second result is another one")
        },
        Check("rootfs.prepare.conflict", "the same container with other layers is a conflict (R2)", needs: works) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            _ = try session.succeed(try prepare(bench, session, "c1"))
            let error = try session.refuse(ProviderRootfsPrepare(containerId: "c1"), "it has one of other layers")
            try (error.kind == .conflict).orFail("it was refused with the kind \(error.kind), not conflict")
        },
        Check("rootfs.prepare.layers", "a root filesystem of a layer that was not applied is refused", needs: works) {
            bench throws(CheckEnd) in
            let digest = "sha256:" + String(repeating: "1", count: 64)
            try bench.ready().refuse(
                ProviderRootfsPrepare(containerId: "c1", layers: [digest]), "the layer was not applied")
        },
        Check(
            "rootfs.mount.allowed", "a mount is one that the engine makes: an overlay of its own directories",
            needs: works
        ) { bench throws(CheckEnd) in
            let session = try bench.ready()
            let result = try session.succeed(try prepare(bench, session, "c1")).value
            if let objection = Mounts.objection(toRootfs: result.mount, below: bench.stateDirectory()) {
                throw .failed("the engine refuses \(objection)")
            }
        },
        Check("rootfs.content", "mounted, it shows the files of its layers", needs: mounted) { bench throws(CheckEnd) in
            let session = try bench.ready()
            let path = try mount(bench, try session.succeed(try prepare(bench, session, "c1")).value.mount, "c1")
            let text = Files.text("\(path)/etc/name")
            try (text == "layer\n").orFail("etc/name, 'layer' in the layer, holds '\(text)'")
        },
        Check("rootfs.remove.unknown", "removing what is not there, or no more, succeeds (R3)", needs: works) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            _ = try session.succeed(ProviderRootfsRemove(containerId: "never"))
            _ = try session.succeed(try prepare(bench, session, "c1"))
            for _ in 1...2 { _ = try session.succeed(ProviderRootfsRemove(containerId: "c1")) }
        },
        Check("rootfs.prepare.killed", "after a kill at any byte the call is repeated, and succeeds (R5)", needs: works)
        {
            bench throws(CheckEnd) in
            let request = ProviderRootfsPrepare(containerId: "c1")
            try Kill.atManyBytes(bench, during: request, known: ProviderReconcile(containerIds: ["c1"])) {
                session throws(CheckEnd) in
                _ = try session.succeed(request, "after it was killed")
            }
        },
        Check(
            "reconcile.errors", "cleaning goes on past what cannot be removed, and reports it (R7)", needs: mounted
        ) { bench throws(CheckEnd) in
            let session = try bench.ready()
            for id in ["c1", "c2", "c3"] {
                let result = try session.succeed(try prepare(bench, session, id)).value
                if id == "c2" { _ = try mount(bench, result.mount, id) }
            }
            let result = try session.succeed(ProviderReconcile()).value
            try (Set(["c1", "c3"]).isSubset(of: result.removed)).orFail(
                "it removed \(result.removed), not c1 and c3, while c2 is mounted")
            try result.errors.contains { $0.id == "c2" }.orFail("it does not report c2, which is mounted")
        },
    ]

    private static let needs: [Check.Need] = LayerChecks.works
    private static let works = needs + [.passed("rootfs.life")]
    private static let mounted = works + [.sandbox, .passed("rootfs.mount.allowed")]

    /// Applies the plain layer and says how to prepare a container upon it.
    private static func prepare(
        _ bench: Bench, _ session: PluginSession, _ id: String
    ) throws(CheckEnd) -> ProviderRootfsPrepare {
        let layer = try bench.layer(SmallArchive.plain)
        _ = try session.succeed(LayerChecks.apply(layer))
        return ProviderRootfsPrepare(containerId: id, layers: [layer.digest])
    }

    /// Mounts as the engine does: from the source, so that directories may be relative to it.
    private static func mount(_ bench: Bench, _ mount: ProviderMount, _ id: String) throws(CheckEnd) -> String {
        let target = bench.path("root-\(id)")
        mkdir(target, 0o755)
        let options = mount.options.joined(separator: ",")
        guard Tool.run(["mount", "-t", mount.type, "overlay", "-o", options, target], in: mount.source) != nil else {
            throw .skipped("this host does not mount an overlay in /tmp")
        }
        return target
    }
}
