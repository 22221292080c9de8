import ChildProcess
import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import KenterState
import Logging

// What containers mount of volumes.
extension VolumeService {
    /// What to mount for one mount of a volume; a volume that was never used is filled from the image first.
    ///
    /// - Parameter stagePath: does not exist yet. What the provider has named is mounted there until the container has it,
    ///   and is what is filled: its name may lead elsewhere by then.
    func mount(_ mount: MountRecord, rootPath: String, stagePath: String) async throws -> ContainerMount {
        guard let volumeId = mount.volumeId, let mountId = mount.volumeMountId else {
            throw RPCError(.corruptState, "the mount at \(mount.target) has no volume")
        }
        let volume = try await provision(volumeId)
        let provider = try await plugins.provider(.storage, named: volume.provider, needing: .volumes)
        let result = try await plugins.call(
            ProviderVolumeMount(
                mountId: mountId, volumeId: volumeId, volumeState: volume.providerState ?? JSONObject(),
                readOnly: mount.readOnly),
            role: .storage, provider: volume.provider)
        guard
            let wanted = result.mount
                ?? result.path.map({ ProviderMount(type: "bind", source: $0, options: ["rbind"]) })
        else { throw RPCError(.pluginProtocol, "the storage provider '\(provider.name)' returned no mount") }
        let source = try ProviderMountCheck(stateDirectory: provider.stateDirectory, provider: provider.name)
            .volume(wanted)
        var checked = source.mount
        if let file = source.file {
            try BindSource.mount(file, at: stagePath)
            checked.source = stagePath
        }
        if volume.isUnused { try await fill(volumeId, checked, from: mount.target, rootPath) }
        var options = checked.options.filter { $0 != "rw" && $0 != "ro" }
        if checked.type == "bind", !options.contains("rbind"), !options.contains("bind") { options.append("rbind") }
        options += ["rprivate", mount.readOnly || checked.options.contains("ro") ? "ro" : "rw"]
        return ContainerMount(target: mount.target, type: checked.type, source: checked.source, options: options)
    }

    /// The container no longer uses its mounts.
    func unmount(_ container: ContainerRecord) async {
        for mount in container.definition.mounts {
            guard let mountId = mount.volumeMountId, let volumeId = mount.volumeId else { continue }
            do {
                let provider = try store.read { try $0.volume(id: volumeId)?.provider }
                _ = try await plugins.call(
                    ProviderVolumeUnmount(mountId: mountId, volumeId: volumeId), role: .storage, provider: provider)
            } catch {
                log.error("unmount failed", metadata: ["volume": "\(volumeId)", "error": "\(error)"])
            }
        }
    }

    /// Copies what the image has at `target` into a volume used for the first time.
    private func fill(_ volumeId: String, _ mount: ProviderMount, from target: String, _ rootPath: String) async throws
    {
        try await gate.enter(volumeId) {
            guard let volume = try store.read({ try $0.volume(id: volumeId) }), volume.isUnused else { return }
            CrashPoint.reach("before a volume is filled")
            if mount.type == "bind" { try await Self.copy(target, in: rootPath, to: mount.source, volumeId) }
            CrashPoint.reach("after a volume was filled")
            try store.write { transaction in
                guard var volume = try transaction.volume(id: volumeId) else { return }
                volume.isUnused = false
                try transaction.save(volume)
            }
        }
    }

    /// Ends what an engine that died has left filling volumes: it would write over what containers write from now on.
    func endFillers() async {
        let marks: Set<String>
        do {
            marks = Set(try store.read { try $0.volumes() }.filter(\.isUnused).map { Self.fillerMark + $0.id })
        } catch {
            return log.error("cannot read the volumes", metadata: ["error": "\(error)"])
        }
        if marks.isEmpty { return }
        await LeftoverProcesses.end { pid in LeftoverProcesses.environment(of: pid).contains(where: marks.contains) }
    }

    /// In the environment of a process that fills a volume, before the volume's id.
    private static let fillerMark = "KENTER_FILLS="

    /// The image is hostile: its directory is opened without leaving its root, and copied by descriptor.
    private static func copy(
        _ target: String, in rootPath: String, to destination: String, _ volumeId: String
    ) async throws {
        let root = open(rootPath, O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard root >= 0 else { return }
        defer { close(root) }
        let flags = O_DIRECTORY | O_CLOEXEC | O_RDONLY
        let resolution = clinux_RESOLVE_IN_ROOT | clinux_RESOLVE_NO_MAGICLINKS
        let source = clinux_openat2(root, target, flags, 0, resolution)
        guard source >= 0 else { return }  // The image has no directory there: nothing to fill from.
        defer { close(source) }
        guard let copy = ChildProcess.find("cp") else { throw RPCError(.unavailable, "cp is not installed") }
        var process = ChildProcess(
            copy, ["-a", "--", "/proc/self/fd/3/.", destination], descriptors: [3: source])
        process.environment.append("\(fillerMark)\(volumeId)")
        let result = try await process.collect { pid in CrashPoint.reach("while a volume is filled", tool: pid) }
        guard result.status == .exited(0) else {
            throw RPCError(.io, "cannot fill the volume from the image's \(target): \(result.message)")
        }
    }
}
