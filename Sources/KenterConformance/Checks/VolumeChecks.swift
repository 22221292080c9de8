import Glibc
import JSONRPC
import KenterProtocol

/// The capability `volumes` of the role `storage`.
enum VolumeChecks {
    static let all: [Check] = [
        Check("volume.life", "a volume is made, mounted, unmounted and removed", needs: needs) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            let state = try session.succeed(create("v1")).value.state
            _ = try session.succeed(mount("m1", "v1", state))
            _ = try session.succeed(ProviderVolumeUnmount(mountId: "m1", volumeId: "v1"))
            _ = try session.succeed(ProviderVolumeRemove(volumeId: "v1", state: state))
        },
        Check("volume.create.repeated", "the same volume again has the same result (R1)", needs: works) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            let first = try session.succeed(create("v1")).json
            let second = try session.succeed(create("v1")).json
            try (first == second).orFail("the second result is another one")
        },
        Check("volume.create.conflict", "the same id with another specification is a conflict (R2)", needs: works) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            guard case .success = try session.ask(create("v2", capacityBytes: 1 << 20)) else {
                throw .skipped("it takes no capacityBytes, so no two specifications")
            }
            _ = try session.succeed(create("v1"))
            let error = try session.refuse(
                create("v1", capacityBytes: 1 << 20), "the volume exists with another specification")
            try (error.kind == .conflict).orFail("it was refused with the kind \(error.kind), not conflict")
        },
        Check("volume.remove.unknown", "removing and unmounting what is not there succeeds (R3)", needs: works) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            _ = try session.succeed(ProviderVolumeRemove(volumeId: "never"))
            _ = try session.succeed(ProviderVolumeUnmount(mountId: "never", volumeId: "never"))
            _ = try session.succeed(create("v1"))
            for _ in 1...2 { _ = try session.succeed(ProviderVolumeRemove(volumeId: "v1")) }
        },
        Check(
            "volume.remove.after-error", "after an error the opposite call cleans up, and all starts anew (R4)",
            needs: works
        ) { bench throws(CheckEnd) in
            let session = try bench.ready()
            try session.refuse(mount("m1", "v1", [:]), "there is no such volume")
            _ = try session.succeed(ProviderVolumeUnmount(mountId: "m1", volumeId: "v1"), "after an error")
            _ = try session.ask(create("v1", capacityBytes: 0, parameters: ["no": "such"]))
            _ = try session.succeed(ProviderVolumeRemove(volumeId: "v1"), "whether or not create had failed")
            _ = try session.succeed(create("v1"), "after an error and its clean-up")
        },
        Check("volume.remove.mounted", "a volume that is mounted is not removed: precondition", needs: works) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            let state = try session.succeed(create("v1")).value.state
            _ = try session.succeed(mount("m1", "v1", state))
            let error = try session.refuse(ProviderVolumeRemove(volumeId: "v1", state: state), "it is mounted")
            try (error.kind == .precondition).orFail("it was refused with the kind \(error.kind), not precondition")
            _ = try session.succeed(ProviderVolumeUnmount(mountId: "m1", volumeId: "v1"))
            _ = try session.succeed(ProviderVolumeRemove(volumeId: "v1", state: state))
        },
        Check("volume.mount.repeated", "the same mount again has the same result (R1)", needs: works) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            let state = try session.succeed(create("v1")).value.state
            let first = try session.succeed(mount("m1", "v1", state)).json
            let second = try session.succeed(mount("m1", "v1", state)).json
            try (first == second).orFail("the second result is another one")
        },
        Check("volume.mount.conflict", "the same mount with another access is a conflict (R2)", needs: works) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            let state = try session.succeed(create("v1")).value.state
            _ = try session.succeed(mount("m1", "v1", state))
            let error = try session.refuse(mount("m1", "v1", state, readOnly: true), "the mount exists for writing")
            try (error.kind == .conflict).orFail("it was refused with the kind \(error.kind), not conflict")
        },
        Check(
            "volume.mount.allowed", "a mount is one that the engine makes: bind or tmpfs, from its own directory",
            needs: works
        ) { bench throws(CheckEnd) in
            let session = try bench.ready()
            let state = try session.succeed(create("v1")).value.state
            for (id, isReadOnly) in [("m1", false), ("m2", true)] {
                let result = try session.succeed(mount(id, "v1", state, readOnly: isReadOnly)).value
                if let objection = Mounts.objection(toVolume: result, below: bench.stateDirectory()) {
                    throw .failed("the engine refuses \(objection)")
                }
                let options = result.mount?.options
                try (!isReadOnly || options?.contains("ro") ?? true).orFail("a read-only mount lacks the option 'ro'")
            }
        },
        Check("volume.data.kept", "data outlive a mount, the plugin's process and provider.reconcile", needs: works) {
            bench throws(CheckEnd) in
            try keepsData(bench)
        },
        Check("volume.data.removed", "a volume that was removed and made again is empty", needs: works) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            let file = try path(session, "m1")
            Files.write([1], to: "\(file)/data")
            _ = try session.succeed(ProviderVolumeUnmount(mountId: "m1", volumeId: "v1"))
            _ = try session.succeed(ProviderVolumeRemove(volumeId: "v1"))
            let names = Files.names(in: try path(session, "m2"))
            try names.isEmpty.orFail("the new volume holds '\(names.first ?? "")'")
        },
        Check("volume.inspect", "a volume is inspected; one that is not there is an error", needs: works) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            _ = try session.succeed(create("v1"))
            let result = try session.succeed(ProviderVolumeInspect(volumeId: "v1")).value
            try result.health.ok.orFail("a new volume is not well: \(result.health.message ?? "no message")")
            try ((result.usedBytes ?? 0) >= 0).orFail("it uses \(result.usedBytes ?? 0) bytes")
            try session.refuse(ProviderVolumeInspect(volumeId: "v2"), "there is no such volume")
        },
        Check("volume.ids.inside", "an id that looks like a path leads nowhere outside its directory", needs: works) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            let (escape, sentinel) = (bench.path("escape"), bench.path("sentinel"))
            Files.write([1], to: sentinel)
            for upwards in ["../", "../../", "a/../../../"] {
                _ = try session.ask(create("\(upwards)escape"))
                try (Files.kind(escape) == nil).orFail("it made something beside its state directory")
                _ = try session.ask(ProviderVolumeRemove(volumeId: "\(upwards)sentinel"))
                try (Files.kind(sentinel) == S_IFREG).orFail("it removed something beside its state directory")
            }
        },
    ]

    static let needs: [Check.Need] = [.capability("volumes", of: "storage"), .passed("configure.ready")]
    static let works = needs + [.passed("volume.life")]

    static func create(
        _ id: String, capacityBytes: UInt64? = nil, parameters: [String: String]? = nil
    ) -> ProviderVolumeCreate {
        // A name for people, which may be anything.
        ProviderVolumeCreate(
            volumeId: id, volumeName: "data \"x\\\"},{",
            spec: .init(capacityBytes: capacityBytes, parameters: parameters))
    }

    static func mount(
        _ id: String, _ volume: String, _ state: JSONObject, readOnly: Bool = false
    ) -> ProviderVolumeMount {
        ProviderVolumeMount(mountId: id, volumeId: volume, volumeState: state, readOnly: readOnly)
    }

    /// The directory of the volume `v1`, made and mounted.
    private static func path(_ session: PluginSession, _ mountID: String) throws(CheckEnd) -> String {
        let state = try session.succeed(create("v1")).value.state
        guard let path = Mounts.path(try session.succeed(mount(mountID, "v1", state)).value) else {
            throw .skipped("its volumes have no directory: tmpfs")
        }
        return path
    }

    private static func keepsData(_ bench: Bench) throws(CheckEnd) {
        let session = try bench.ready()
        Files.write([7], to: "\(try path(session, "m1"))/data")
        session.finishInput()
        _ = session.exited(within: .seconds(5))
        let successor = try bench.ready(reconciling: ProviderReconcile(volumeIds: ["v1"]))
        _ = try successor.ask(ProviderVolumeUnmount(mountId: "m1", volumeId: "v1"))
        let after = try path(successor, "m2")
        try Files.names(in: after).contains("data").orFail("after a restart and a reconcile the data are gone")
    }
}
