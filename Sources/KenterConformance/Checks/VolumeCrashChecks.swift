import JSONRPC
import KenterProtocol

/// Volumes when the plugin dies, and what `provider.reconcile` makes of them.
enum VolumeCrashChecks {
    static let all: [Check] = [
        Check("volume.create.killed", "after a kill at any byte the call is repeated, and succeeds (R5)", needs: works)
        {
            bench throws(CheckEnd) in
            try Kill.atManyBytes(bench, during: VolumeChecks.create("v1"), known: known) { session throws(CheckEnd) in
                let state = try session.succeed(VolumeChecks.create("v1"), "after it was killed").value.state
                _ = try session.succeed(VolumeChecks.mount("m1", "v1", state), "after it was killed")
            }
        },
        Check(
            "volume.remove.killed",
            "after a kill while it removes a volume it does so again, and the volume is gone (R5)",
            needs: removed + [.passed("volume.inspect"), .passed("volume.data.removed")]
        ) { bench throws(CheckEnd) in
            let removal = ProviderVolumeRemove(volumeId: "v1")
            try Kill.whileRemoving(bench, removal, known: known) { session throws(CheckEnd) in
                _ = try session.succeed(VolumeChecks.create("v1"))
            } verify: { session throws(CheckEnd) in
                try session.refuse(ProviderVolumeInspect(volumeId: "v1"), "it was removed")
                _ = try session.succeed(VolumeChecks.create("v1"), "after it was removed")
            }
        },
        Check(
            "volume.unmount.killed",
            "after a kill while it unmounts a volume it does so again, and none is mounted (R5)",
            needs: removed
        ) { bench throws(CheckEnd) in
            let unmounting = ProviderVolumeUnmount(mountId: "m1", volumeId: "v1")
            try Kill.whileRemoving(bench, unmounting, known: known) { session throws(CheckEnd) in
                let state = try session.succeed(VolumeChecks.create("v1")).value.state
                _ = try session.succeed(VolumeChecks.mount("m1", "v1", state))
            } verify: { session throws(CheckEnd) in
                _ = try session.succeed(ProviderVolumeRemove(volumeId: "v1"), "after it was unmounted")
            }
        },
        Check("reconcile.mounts", "mounts that the engine no longer names are ended, and told as removed", needs: works)
        {
            bench throws(CheckEnd) in
            let session = try mounted(bench)
            let result = try reconciled(session, volumes: ["v1"], mounts: ["m2"])
            try result.errors.isEmpty.orFail("it reports: \(result.errors.first?.message ?? "")")
            try (result.removed.sorted() == ["m1", "m3"]).orFail("it says it removed \(result.removed), not m1 and m3")
        },
        Check("reconcile.dry-run", "dryRun reports and changes nothing", needs: works) { bench throws(CheckEnd) in
            let session = try mounted(bench)
            for isDry in [true, false] {
                let result = try reconciled(session, volumes: ["v1"], mounts: [], dryRun: isDry)
                try (result.removed.sorted() == ["m1", "m2", "m3"]).orFail(
                    "\(isDry ? "dry" : "after a dry run"), it says it removed \(result.removed), not m1, m2 and m3")
            }
        },
        Check("reconcile.volumes-stay", "provider.reconcile removes no volume, named or not", needs: works) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            _ = try session.succeed(VolumeChecks.create("v1"))
            let result = try reconciled(session, volumes: [], mounts: [])
            try (!result.removed.contains("v1")).orFail("it says that it removed the volume")
            _ = try session.succeed(ProviderVolumeInspect(volumeId: "v1"), "a volume must survive reconcile")
        },
        Check("reconcile.missing", "what the engine names and it does not have is told as missing", needs: works) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            _ = try session.succeed(VolumeChecks.create("v1"))
            let result = try reconciled(session, volumes: ["v1", "v2"], mounts: ["m9"])
            try (Set(result.missing) == ["v2", "m9"]).orFail("it misses \(result.missing), not v2 and m9")
        },
    ]

    private static let works = VolumeChecks.works
    private static let removed = works + [.passed("volume.remove.unknown")]
    private static let known = ProviderReconcile(volumeIds: ["v1"], mountIds: ["m1"])

    /// A volume with three mounts.
    private static func mounted(_ bench: Bench) throws(CheckEnd) -> PluginSession {
        let session = try bench.ready()
        let state = try session.succeed(VolumeChecks.create("v1")).value.state
        for id in ["m1", "m2", "m3"] { _ = try session.succeed(VolumeChecks.mount(id, "v1", state)) }
        return session
    }

    private static func reconciled(
        _ session: PluginSession, volumes: [String], mounts: [String], dryRun: Bool? = nil
    ) throws(CheckEnd) -> ProviderReconcile.Result {
        try session.reconciled(ProviderReconcile(volumeIds: volumes, mountIds: mounts, dryRun: dryRun))
    }
}
