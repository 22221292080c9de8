import ChildProcess
import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import KenterState
import Logging

/// Volumes: data that outlives its containers.
final class VolumeService: Sendable {
    private let store: StateStore
    private let plugins: PluginHost
    private let journal: EventJournal
    private let log: Logger
    /// One change at a time for each volume.
    private let gate = KeyedGate()

    init(store: StateStore, plugins: PluginHost, journal: EventJournal, log: Logger) {
        self.store = store
        self.plugins = plugins
        self.journal = journal
        self.log = log
    }

    // MARK: the noun's verbs

    func create(_ params: VolumeCreate) async throws -> VolumeCreate.Result {
        let name = try params.name.map { try Self.checkName($0) } ?? Identifier.hex(digits: 64)
        let provider = try await plugins.provider(.storage, named: params.provider)
        let spec = ProviderVolumeCreate.Specification(
            capacityBytes: params.capacityBytes, parameters: params.parameters)
        let volume = VolumeRecord(
            id: Identifier.hex(digits: 64), name: name, provider: provider.name, spec: spec,
            labels: params.labels ?? [:], createdAt: .now, isAnonymous: params.name == nil)
        let existing = try store.write { transaction -> VolumeRecord? in
            if let existing = try Self.existing(name, transaction) { return existing }
            try transaction.save(volume)
            _ = try transaction.append(event: "volume.created", id: volume.id, name: name)
            return nil
        }
        if let existing, existing.provider != provider.name || existing.spec != spec {
            throw RPCError(.conflict, "a volume named '\(name)' exists with another provider or specification")
        }
        do {
            _ = try await provision(existing?.id ?? volume.id)
        } catch {
            if existing == nil { await discard(volume.id) }
            throw error
        }
        journal.committed()
        return VolumeCreate.Result(name: name)
    }

    func list() throws -> [Volume] {
        try store.read { transaction in try transaction.volumes().map { try Self.present($0, transaction) } }
    }

    func inspect(_ name: String) throws -> Volume {
        try store.read { transaction in
            guard let volume = try transaction.volume(named: name) else { throw Self.missing(name) }
            return try Self.present(volume, transaction)
        }
    }

    /// Removes those that can be; fails with the first that cannot, naming those that were removed before it.
    func remove(_ params: VolumeRemove) async throws -> VolumeRemove.Result {
        var removed: [String] = []
        for name in params.volumes {
            do {
                guard let volume = try store.read({ try $0.volume(named: name) }) else { throw Self.missing(name) }
                try await remove(volume)
                removed.append(name)
            } catch let error as RPCError where error.kind == .notFound && params.force == true {
                continue
            } catch let error as RPCError {
                var error = error
                error.details["removed"] = .array(removed.map { .string($0) })
                throw error
            }
        }
        return VolumeRemove.Result(removed: removed)
    }

    func prune(_ params: VolumePrune) async throws -> VolumePrune.Result {
        let unused = try store.read { transaction in
            try transaction.volumes().filter { volume in
                guard volume.isAnonymous || params.all == true else { return false }
                return try transaction.containerIDs(usingVolume: volume.id).isEmpty
            }
        }
        var removed: [String] = []
        for volume in unused {
            do {
                try await remove(volume)
                removed.append(volume.name)
            } catch let error as RPCError where error.kind == .conflict {
                continue  // A container has taken it meanwhile.
            } catch {
                log.error("cannot prune a volume", metadata: ["volume": "\(volume.name)", "error": "\(error)"])
            }
        }
        return VolumePrune.Result(removed: removed)
    }

    /// Removes a volume that nothing uses, data included.
    func remove(_ volume: VolumeRecord) async throws {
        try await gate.enter(volume.id) {
            guard try beginRemoval(of: volume) else { return }
            do {
                _ = try await plugins.call(
                    ProviderVolumeRemove(volumeId: volume.id, state: volume.providerState), role: .storage,
                    provider: volume.provider)
            } catch {
                try setRemoving(volume.id, nil)
                throw error
            }
            try store.write { transaction in
                try transaction.deleteVolume(id: volume.id)
                _ = try transaction.append(event: "volume.removed", id: volume.id, name: volume.name)
            }
        }
        journal.committed()
    }

    /// Remembers that the volume goes, so that no container takes it meanwhile; false when it has gone already.
    private func beginRemoval(of volume: VolumeRecord) throws -> Bool {
        try store.write { transaction in
            guard var present = try transaction.volume(id: volume.id) else { return false }
            let users = try transaction.containerIDs(usingVolume: volume.id)
            guard users.isEmpty else {
                throw RPCError(
                    .conflict, "remove \(volume.name): volume is in use - [\(users.joined(separator: ", "))]",
                    details: ["usedBy": .array(users.map { .string($0) })])
            }
            present.isRemoving = true
            try transaction.save(present)
            return true
        }
    }

    private func setRemoving(_ id: String, _ value: Bool?) throws {
        try store.write { transaction in
            guard var volume = try transaction.volume(id: id) else { return }
            volume.isRemoving = value
            try transaction.save(volume)
        }
    }

    /// Finishes, when the engine starts, what an engine that died had begun to remove.
    func recover() async {
        do {
            for volume in try store.read({ try $0.volumes() }) where volume.isRemoving == true {
                do {
                    try await remove(volume)
                } catch {
                    log.error("cannot remove a volume", metadata: ["volume": "\(volume.name)", "error": "\(error)"])
                }
            }
        } catch {
            log.error("cannot read the volumes", metadata: ["error": "\(error)"])
        }
    }

    // MARK: for containers

    /// Finds the volume of that name or remembers a new one, within the transaction that makes its container.
    static func adopt(
        name: String?, provider: String, _ transaction: Transaction
    ) throws -> (volume: VolumeRecord, isNew: Bool) {
        if let name, let existing = try existing(name, transaction) { return (existing, false) }
        let volume = VolumeRecord(
            id: Identifier.hex(digits: 64), name: name ?? Identifier.hex(digits: 64), provider: provider,
            spec: ProviderVolumeCreate.Specification(), labels: [:], createdAt: .now, isAnonymous: name == nil)
        try transaction.save(volume)
        _ = try transaction.append(event: "volume.created", id: volume.id, name: volume.name)
        return (volume, true)
    }

    private static func existing(_ name: String, _ transaction: Transaction) throws -> VolumeRecord? {
        let volume = try transaction.volume(named: name)
        if volume?.isRemoving == true {
            throw RPCError(.pending, "the volume \(name) is being removed: try again")
        }
        return volume
    }

    /// Makes a volume exist at its provider; the same answer however often.
    func provision(_ id: String) async throws -> VolumeRecord {
        try await gate.enter(id) {
            guard var volume = try store.read({ try $0.volume(id: id) }) else {
                throw RPCError(.notFound, "the volume \(id) no longer exists")
            }
            if volume.providerState != nil { return volume }
            let result = try await plugins.call(
                ProviderVolumeCreate(volumeId: volume.id, volumeName: volume.name, spec: volume.spec), role: .storage,
                provider: volume.provider)
            volume.providerState = result.state
            let provisioned = volume
            try store.write { try $0.save(provisioned) }
            return provisioned
        }
    }

    /// Takes back a volume that was made for something that failed.
    func discard(_ id: String) async {
        do {
            guard let volume = try store.read({ try $0.volume(id: id) }) else { return }
            try await shielded { try await self.remove(volume) }
        } catch {
            log.error("cannot take back a volume", metadata: ["volume": "\(id)", "error": "\(error)"])
        }
    }

    /// What to mount for one mount of a volume; a volume that was never used is filled from the image first.
    func mount(_ mount: MountRecord, rootPath: String) async throws -> ContainerMount {
        guard let volumeId = mount.volumeId, let mountId = mount.volumeMountId else {
            throw RPCError(.corruptState, "the mount at \(mount.target) has no volume")
        }
        let volume = try await provision(volumeId)
        let provider = try await plugins.provider(.storage, named: volume.provider)
        let result = try await plugins.call(
            ProviderVolumeMount(
                mountId: mountId, volumeId: volumeId, volumeState: volume.providerState ?? JSONObject(),
                readOnly: mount.readOnly),
            role: .storage, provider: volume.provider)
        guard
            let wanted = result.mount
                ?? result.path.map({ ProviderMount(type: "bind", source: $0, options: ["rbind"]) })
        else { throw RPCError(.pluginProtocol, "the storage provider '\(provider.name)' returned no mount") }
        let checked = try ProviderMountCheck(stateDirectory: provider.stateDirectory, provider: provider.name)
            .volume(wanted)
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
            guard var volume = try store.read({ try $0.volume(id: volumeId) }), volume.isUnused else { return }
            if mount.type == "bind" { try await Self.copy(target, in: rootPath, to: mount.source) }
            volume.isUnused = false
            let used = volume
            try store.write { try $0.save(used) }
        }
    }

    /// The image is hostile: its directory is opened without leaving its root, and copied by descriptor.
    private static func copy(_ target: String, in rootPath: String, to destination: String) async throws {
        let root = open(rootPath, O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard root >= 0 else { return }
        defer { close(root) }
        let flags = O_DIRECTORY | O_CLOEXEC | O_RDONLY
        let resolution = clinux_RESOLVE_IN_ROOT | clinux_RESOLVE_NO_MAGICLINKS
        let source = clinux_openat2(root, target, flags, 0, resolution)
        guard source >= 0 else { return }  // The image has no directory there: nothing to fill from.
        defer { close(source) }
        guard let copy = ChildProcess.find("cp") else { throw RPCError(.unavailable, "cp is not installed") }
        let process = ChildProcess(
            copy, ["-a", "--", "/proc/self/fd/3/.", destination], descriptors: [3: source])
        let result = try await process.collect()
        guard result.status == .exited(0) else {
            throw RPCError(.io, "cannot fill the volume from the image's \(target): \(result.message)")
        }
    }

    // MARK: presentation

    static func checkName(_ name: String) throws(RPCError) -> String {
        let bytes = Array(name.utf8)
        let isValid =
            (2...255).contains(bytes.count)
            && bytes.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || [95, 46, 45].contains(byte)
            } && ![95, 46, 45].contains(bytes[0])
        guard isValid else {
            throw RPCError(
                .invalidParams,
                "create \(name): \"\(name)\" includes invalid characters for a local volume name, only "
                    + "\"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path"
            )
        }
        return name
    }

    private static func missing(_ name: String) -> RPCError { RPCError(.notFound, "No such volume: \(name)") }

    private static func present(_ volume: VolumeRecord, _ transaction: Transaction) throws -> Volume {
        Volume(
            name: volume.name, provider: volume.provider, createdAt: volume.createdAt.description,
            labels: volume.labels, parameters: volume.spec.parameters ?? [:],
            usedBy: try transaction.containerIDs(usingVolume: volume.id).map { id in
                try transaction.container(id: id)?.name ?? id
            },
            isAnonymous: volume.isAnonymous)
    }
}
