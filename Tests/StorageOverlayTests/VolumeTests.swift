import Glibc
import JSONRPC
import KenterProtocol
import TestSupport
import Testing

@Suite struct VolumeTests {
    private func create(_ id: String, capacityBytes: UInt64? = nil, parameters: [String: String]? = nil)
        -> ProviderVolumeCreate
    {
        ProviderVolumeCreate(
            volumeId: id, volumeName: "data", spec: .init(capacityBytes: capacityBytes, parameters: parameters))
    }

    @Test func `a volume is a directory that is bound, and keeps its data`() async throws {
        try await withPlugin { plugin, scratch in
            let state = try await plugin.call(create("v1")).state
            #expect(try await plugin.call(create("v1")).state == state)
            let mounting = ProviderVolumeMount(mountId: "m1", volumeId: "v1", volumeState: state, readOnly: false)
            let answer = try await plugin.call(mounting)
            let mount = try #require(answer.mount)
            #expect(mount.type == "bind" && mount.source == "\(scratch.state)/v/v1")
            #expect(mount.options == ["rbind", "nosuid", "nodev"])
            #expect(try await plugin.call(mounting).mount == mount)
            try TextFile.write("kept", to: "\(mount.source)/file")

            let refusal = try await plugin.refusal(of: ProviderVolumeRemove(volumeId: "v1"))
            #expect(refusal.kind == .precondition && refusal.message.contains("m1"))
            #expect(TextFile.read("\(mount.source)/file") == "kept")
            let usage = try await plugin.call(ProviderVolumeInspect(volumeId: "v1"))
            #expect(usage.health.ok && usage.usedBytes ?? 0 >= 4096)

            _ = try await plugin.call(ProviderVolumeUnmount(mountId: "m1", volumeId: "v1"))
            _ = try await plugin.call(ProviderVolumeUnmount(mountId: "m1", volumeId: "v1"))
            _ = try await plugin.call(ProviderVolumeRemove(volumeId: "v1"))
            _ = try await plugin.call(ProviderVolumeRemove(volumeId: "v1"))
            #expect(TextFile.names(in: "\(scratch.state)/v").isEmpty)
            #expect(try await plugin.refusal(of: ProviderVolumeInspect(volumeId: "v1")).kind == .notFound)
        }
    }

    @Test func `a mount that may only read says so, and one id is one mount`() async throws {
        try await withPlugin { plugin, _ in
            _ = try await plugin.call(create("v1"))
            var mounting = ProviderVolumeMount(mountId: "m1", volumeId: "v1", volumeState: [:], readOnly: true)
            #expect(try await plugin.call(mounting).mount?.options.contains("ro") == true)
            mounting.readOnly = false
            #expect(try await plugin.refusal(of: mounting).kind == .conflict)
            mounting.mountId = "m2"
            mounting.volumeId = "v2"
            #expect(try await plugin.refusal(of: mounting).kind == .notFound)
        }
    }

    @Test func `what this provider cannot do is refused by name`() async throws {
        try await withPlugin { plugin, scratch in
            let capacity = try await plugin.refusal(of: create("v1", capacityBytes: 1 << 30))
            #expect(capacity.kind == .unsupported && capacity.message.contains("capacityBytes"))
            let parameter = try await plugin.refusal(of: create("v1", parameters: ["type": "nfs"]))
            #expect(parameter.kind == .unsupported && parameter.message.contains("type"))
            #expect(try await plugin.refusal(of: create("../v1")).kind == .invalidParams)
            #expect(TextFile.names(in: "\(scratch.state)/v").isEmpty)
        }
    }
}
