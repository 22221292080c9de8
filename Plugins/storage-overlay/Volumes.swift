import KenterProtocol
import CLinux
import Glibc
import JSONRPC

/// Named volumes: a directory each, bound into containers.
///
/// A volume has no specification but its id, so that creating it twice is the same as creating it once.
actor Volumes {
    private let directory: StateDirectory

    init(_ directory: StateDirectory) { self.directory = directory }

    func create(_ volumeID: String) throws(RPCError) {
        try requireIdentifier(volumeID, "volumeId")
        guard mkdir(directory.path(.volumes, volumeID), 0o755) == 0 || errno == EEXIST else {
            throw .system("create", directory.path(.volumes, volumeID))
        }
        try directory.synchronize(.volumes)
    }

    /// Removes a volume with its data; success when there is none, `precondition` while it is mounted.
    func remove(_ volumeID: String) async throws(RPCError) {
        try requireIdentifier(volumeID, "volumeId")
        if let mountID = mountIDs().first(where: { mounted($0)?.volumeID == volumeID }) {
            throw RPCError(
                .precondition, "volume \(volumeID) is mounted (mount \(mountID)); remove the containers that use it")
        }
        guard let withdrawn = try directory.withdraw(.volumes, volumeID) else { return }
        if let failure = await removeTree(withdrawn) { throw failure }
    }

    /// Records the mount and returns the directory to bind.
    func mount(_ mountID: String, _ volumeID: String, readOnly: Bool) throws(RPCError) -> String {
        try requireIdentifier(mountID, "mountId")
        try requireIdentifier(volumeID, "volumeId")
        guard directory.exists(.volumes, volumeID) else { throw unknown(volumeID) }
        if let existing = mounted(mountID) {
            guard existing == Mount(volumeID: volumeID, readOnly: readOnly) else {
                throw RPCError(.conflict, "mount \(mountID) is of another volume or with another access")
            }
        } else {
            try directory.write(
                ["volumeId": .string(volumeID), "readOnly": .bool(readOnly)], as: .mounts, mountID)
        }
        return directory.path(.volumes, volumeID)
    }

    /// Forgets a mount; success for an unknown one.
    func unmount(_ mountID: String) throws(RPCError) {
        try requireIdentifier(mountID, "mountId")
        guard unlink(directory.path(.mounts, mountID)) == 0 || errno == ENOENT else {
            throw .system("remove", directory.path(.mounts, mountID))
        }
    }

    /// The disk space of a volume.
    nonisolated func usage(_ volumeID: String) throws(RPCError) -> DirectoryTree.Usage {
        try requireIdentifier(volumeID, "volumeId")
        guard directory.exists(.volumes, volumeID) else { throw unknown(volumeID) }
        return try DirectoryTree.usage(Array(directory.path(.volumes, volumeID).utf8))
    }

    nonisolated func volumeIDs() -> [String] { directory.names(in: .volumes) }
    nonisolated func mountIDs() -> [String] { directory.names(in: .mounts) }

    private struct Mount: Equatable {
        var volumeID: String
        var readOnly: Bool
    }

    private func mounted(_ mountID: String) -> Mount? {
        guard let record = StateDirectory.read(directory.path(.mounts, mountID)),
            let volumeID = record["volumeId"]?.string, let readOnly = record["readOnly"]?.bool
        else { return nil }
        return Mount(volumeID: volumeID, readOnly: readOnly)
    }

    private nonisolated func unknown(_ volumeID: String) -> RPCError {
        RPCError(.notFound, "there is no volume \(volumeID)")
    }
}
