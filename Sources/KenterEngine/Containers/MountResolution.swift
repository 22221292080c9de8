import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import KenterState

/// Decides what a container mounts where, from the request, the image and other containers.
struct MountResolution {
    /// Directories that no bind may reach: the engine's own.
    let engineDirectories: [String]
    let storageProvider: String
    /// Volumes that did not exist before, to take back when something fails later.
    private(set) var newVolumeIDs: [String] = []

    init(engineDirectories: [String], storageProvider: String) {
        self.engineDirectories = engineDirectories
        self.storageProvider = storageProvider
    }

    /// The request's own mounts come before those of `volumesFrom`, and both before the image's volumes.
    mutating func resolve(
        _ params: ContainerCreate, image: ImageRecord, container id: String, _ transaction: Transaction
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
            for mount in try inherited(reference, transaction)
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
        case .tmpfs: return MountRecord(type: .tmpfs, target: target, readOnly: readOnly, sizeBytes: request.sizeBytes)
        case .volume:
            let name = try request.source.flatMap { $0.isEmpty ? nil : try VolumeService.checkName($0) }
            return try volume(named: name, target: target, readOnly: readOnly, transaction)
        case .bind:
            let source = try checkSource(request, engineAccess: params.engineAccess ?? false)
            return MountRecord(type: .bind, source: source, target: target, readOnly: readOnly)
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

    private func inherited(_ reference: String, _ transaction: Transaction) throws -> [MountRecord] {
        let parts = reference.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let mode = parts.count > 1 ? parts[1] : "rw"
        guard ["ro", "rw"].contains(mode) else { throw RPCError(.invalidParams, "invalid mode: \(mode)") }
        let source = try ContainerLookup(transaction).container(parts[0])
        return source.definition.mounts.filter { $0.type != .tmpfs }.map { mount in
            var mount = mount
            mount.volumeMountId = nil
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

    /// The real path of a bind's source, made as a directory where the request says so.
    private func checkSource(_ request: MountRequest, engineAccess: Bool) throws(RPCError) -> String {
        let source = request.source ?? ""
        guard source.hasPrefix("/") else {
            throw RPCError(.invalidParams, "invalid mount path: '\(source)' mount path must be absolute")
        }
        if request.createSource == true, access(source, F_OK) != 0, errno == ENOENT { try Self.makeDirectories(source) }
        guard let resolved = realpath(source, nil) else {
            throw RPCError(
                .invalidParams, "invalid mount config for type \"bind\": bind source path does not exist: \(source)")
        }
        defer { free(resolved) }
        let path = String(cString: resolved)
        if !engineAccess, let directory = engineDirectories.first(where: { Self.overlaps(path, $0) }) {
            throw RPCError(
                .forbidden,
                "\(source) is, holds or lies in the engine's own directory \(directory): whoever can change it is root; "
                    + "say engineAccess to mount it all the same")
        }
        return path
    }

    private static func makeDirectories(_ path: String) throws(RPCError) {
        var prefix = ""
        for component in path.split(separator: "/") {
            prefix += "/" + component
            if mkdir(prefix, 0o755) != 0, errno != EEXIST {
                throw RPCError(.io, "cannot make \(path): \(String(cString: strerror(errno)))")
            }
        }
    }

    /// Whether one of the two is, holds or lies in the other: by device and inode, whatever the names.
    private static func overlaps(_ left: String, _ right: String) -> Bool {
        holds(left, right) || holds(right, left)
    }

    private static func holds(_ upper: String, _ lower: String) -> Bool {
        var target = stat()
        guard stat(upper, &target) == 0 else { return false }
        var path = lower
        while true {
            var status = stat()
            if stat(path, &status) == 0, status.st_dev == target.st_dev, status.st_ino == target.st_ino { return true }
            guard path != "/", let slash = path.lastIndex(of: "/") else { return false }
            path = slash == path.startIndex ? "/" : String(path[..<slash])
        }
    }
}
