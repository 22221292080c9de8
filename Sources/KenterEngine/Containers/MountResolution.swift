import JSONRPC
import KenterProtocol
import KenterState

/// Decides what a container mounts where, from the request, the image and other containers.
struct MountResolution {
    /// Of new volumes, or why there is none.
    let storageProvider: Result<String, any Error>
    /// Volumes that did not exist before, for their provider to make.
    private(set) var newVolumeIDs: [String] = []

    init(storageProvider: Result<String, any Error>) {
        self.storageProvider = storageProvider
    }

    /// The request's own mounts come before those of `volumesFrom`, and both before the image's volumes.
    mutating func resolve(
        _ params: ContainerCreate, image: ImageRecord, _ transaction: Transaction
    ) throws -> [MountRecord] {
        var mounts: [MountRecord] = []
        for request in params.mounts ?? [] {
            let target = try Self.checkTarget(request.target)
            guard !mounts.contains(where: { $0.target == target }) else {
                throw RPCError(.invalidParams, "Duplicate mount point: \(target)")
            }
            mounts.append(try own(request, target, params, transaction))
        }
        for reference in params.volumesFrom ?? [] {
            for mount in try inherited(reference, params, transaction)
            where !mounts.contains(where: { $0.target == mount.target }) {
                mounts.append(mount)
            }
        }
        for path in image.config.volumes {
            let target = try Self.checkTarget(path)
            if mounts.contains(where: { $0.target == target }) { continue }
            mounts.append(try volume(named: nil, target: target, readOnly: false, transaction))
        }
        return mounts.map { mount in
            var mount = mount
            if mount.volumeId != nil { mount.volumeMountId = Identifier.hex(digits: 32) }
            return mount
        }
    }

    private mutating func own(
        _ request: MountRequest, _ target: String, _ params: ContainerCreate, _ transaction: Transaction
    ) throws -> MountRecord {
        let readOnly = request.readOnly ?? false
        switch request.type {
        case .tmpfs:
            if let size = request.sizeBytes, size < 0 {
                throw RPCError(
                    .invalidParams, "a tmpfs has 0 bytes (as many as it needs) or more, not \(size)",
                    details: ["path": "mounts"])
            }
            return MountRecord(type: .tmpfs, target: target, readOnly: readOnly, sizeBytes: request.sizeBytes)
        case .volume:
            let name = try request.source.flatMap { $0.isEmpty ? nil : try VolumeService.checkName($0) }
            return try volume(named: name, target: target, readOnly: readOnly, transaction)
        case .bind:
            let source = request.source ?? ""
            guard source.hasPrefix("/") else {
                throw RPCError(.invalidParams, "invalid mount path: '\(source)' mount path must be absolute")
            }
            return MountRecord(
                type: .bind, source: source, target: target, readOnly: readOnly, createSource: request.createSource,
                engineAccess: params.engineAccess)
        }
    }

    private mutating func volume(
        named name: String?, target: String, readOnly: Bool, _ transaction: Transaction
    ) throws -> MountRecord {
        let (volume, isNew) = try VolumeService.adopt(name: name, provider: storageProvider, transaction)
        if isNew { newVolumeIDs.append(volume.id) }
        return MountRecord(
            type: .volume, volumeId: volume.id, volumeName: volume.name, target: target, readOnly: readOnly)
    }

    private func inherited(
        _ reference: String, _ params: ContainerCreate, _ transaction: Transaction
    ) throws -> [MountRecord] {
        let parts = reference.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let mode = parts.count > 1 ? parts[1] : "rw"
        guard ["ro", "rw", "z", "Z"].contains(mode) else { throw RPCError(.invalidParams, "invalid mode: \(mode)") }
        let source = try ContainerLookup(transaction).container(parts[0])
        return source.definition.mounts.filter { $0.type != .tmpfs }.map { mount in
            var mount = mount
            mount.volumeMountId = nil
            // What the other container was allowed is no permission for this one.
            mount.engineAccess = params.engineAccess
            if mode == "ro" { mount.readOnly = true }
            return mount
        }
    }

    /// Clean and absolute, not the root and not in the kernel's file systems.
    static func checkTarget(_ target: String) throws(RPCError) -> String {
        let components = target.split(separator: "/").filter { $0 != "." }
        guard target.hasPrefix("/"), !components.contains("..") else {
            throw RPCError(
                .invalidParams,
                "invalid mount config: invalid mount path: '\(target)' mount path must be absolute and without '..'")
        }
        guard let first = components.first else {
            throw RPCError(.invalidParams, "invalid mount config: invalid specification: destination can't be '/'")
        }
        guard first != "proc", first != "sys" else {
            throw RPCError(.invalidParams, "invalid mount path: '\(target)': nothing can be mounted in /\(first)")
        }
        return "/" + components.joined(separator: "/")
    }
}
