import Glibc
import JSONRPC
import KenterProtocol
import TestSupport
import Testing

@Suite struct ReconcileTests {
    /// A plugin that holds two of everything.
    private func filled(_ plugin: DrivenPlugin, _ scratch: borrowing Scratch) async throws -> [String] {
        var digests: [String] = []
        for name in ["1", "2"] {
            var tar = TarArchive()
            tar.add("file", name)
            let blob = try await scratch.blob(tar.bytes, name)
            _ = try await plugin.call(blob.apply())
            digests.append(blob.digest)
            _ = try await plugin.call(ProviderRootfsPrepare(containerId: "c\(name)", layers: [blob.digest]))
            _ = try await plugin.call(
                ProviderVolumeCreate(volumeId: "v\(name)", volumeName: "v\(name)", spec: .init()))
            _ = try await plugin.call(
                ProviderVolumeMount(mountId: "m\(name)", volumeId: "v\(name)", volumeState: [:], readOnly: false))
        }
        return digests
    }

    @Test func `what the engine no longer names is removed, volumes never`() async throws {
        try await withPlugin { plugin, scratch in
            let digests = try await filled(plugin, scratch)
            mkdir("\(scratch.state)/l/half-made", 0o700)
            var reconcile = ProviderReconcile(
                volumeIds: ["v1", "v9"], mountIds: ["m1"], containerIds: ["c1", "c9"], layerDigests: [digests[0]],
                dryRun: true)
            let planned = try await plugin.call(reconcile)
            #expect(TextFile.names(in: "\(scratch.state)/c").sorted() == ["c1", "c2"])
            reconcile.dryRun = nil
            let done = try await plugin.call(reconcile)
            #expect(done.removed.sorted() == ["c2", "m2", digests[1]])
            #expect(planned.removed.sorted() == done.removed.sorted())
            #expect(done.missing.sorted() == ["c9", "v9"] && planned.missing.sorted() == ["c9", "v9"])
            #expect(done.errors.isEmpty)
            #expect(TextFile.names(in: "\(scratch.state)/c") == ["c1"])
            #expect(TextFile.names(in: "\(scratch.state)/m") == ["m1"])
            #expect(TextFile.names(in: "\(scratch.state)/v").sorted() == ["v1", "v2"])
            #expect(TextFile.names(in: "\(scratch.state)/l").count == 2)
            #expect(try await plugin.call(reconcile).removed.isEmpty)
        }
    }

    @Test func `a failure is reported and the rest still removed`() async throws {
        try await withPlugin { plugin, scratch in
            let digests = try await filled(plugin, scratch)
            // A tree that cannot be removed: something is mounted in it.
            let target = "\(scratch.state)/c/c1/upper"
            try await Command.succeed(["mount", "-t", "tmpfs", "tests", target])
            let done = try await plugin.call(ProviderReconcile(layerDigests: digests))
            // The last first, and each by itself: the tree may lie elsewhere by now.
            for point in TextFile.mountPoints(below: scratch.state).reversed() {
                try await Command.succeed(["umount", point])
            }
            #expect(TextFile.mountPoints(below: scratch.state).isEmpty)
            #expect(done.errors.map(\.id) == ["c1"])
            #expect(done.removed.contains("c2"))
        }
    }

    @Test func `a second plugin on one directory is refused until the first is gone`() async throws {
        try await withPlugin { plugin, scratch in
            await #expect(throws: RPCError.self) { try await DrivenPlugin.start(scratch.state) }
            #expect(try await plugin.call(PluginStatus()).healthy)
            #expect(await plugin.end() == 0)
            let next = try await DrivenPlugin.start(scratch.state)
            #expect(await next.end() == 0)
        }
    }
}

extension TextFile {
    /// The mount points below a directory, wherever they were moved to, in the order they were mounted.
    static func mountPoints(below directory: String) -> [String] {
        read("/proc/self/mountinfo").split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            return fields.count > 4 && fields[4].hasPrefix(directory) ? String(fields[4]) : nil
        }
    }
}
