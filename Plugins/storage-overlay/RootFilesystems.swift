import KenterProtocol
import CLinux
import Glibc
import JSONRPC

/// The writable root file systems of containers: an upper directory each, over the layers they share.
actor RootFilesystems {
    private let directory: StateDirectory

    init(_ directory: StateDirectory) { self.directory = directory }

    /// Makes a container's own directories and says how to mount its root file system. `layers` has the lowest first.
    func prepare(_ containerID: String, layers: [Digest]) throws(RPCError) -> OverlayMount {
        try requireIdentifier(containerID, "containerId")
        let mount = try OverlayMount(
            stateDirectory: directory.path, containerID: containerID, lower: try lowerDirectories(layers))
        let wanted = layers.map(\.text)
        if let existing = recordedLayers(containerID) {
            guard existing == wanted else {
                throw RPCError(
                    .conflict, "container \(containerID) already has a root file system of other layers")
            }
            return mount
        }
        let temporaryPath = directory.temporaryPath()
        for path in [temporaryPath, "\(temporaryPath)/work", "\(temporaryPath)/upper"] {
            guard mkdir(path, 0o755) == 0 else { throw .system("create", path) }
        }
        try StateDirectory.write(
            ["layers": .array(wanted.map { .string($0) })], to: "\(temporaryPath)/\(Self.recordName)")
        try directory.install(temporaryPath, as: .containers, containerID)
        return mount
    }

    /// Removes what a container has written; success when there is nothing.
    func remove(_ containerID: String) async throws(RPCError) {
        try requireIdentifier(containerID, "containerId")
        if let mountPoint = MountTable.mountPoint(ofUpperDirectory: OverlayMount.upperDirectory(containerID)) {
            throw RPCError(
                .precondition,
                "the root file system of container \(containerID) is still mounted at \(mountPoint); unmount it first")
        }
        guard let withdrawn = try directory.withdraw(.containers, containerID) else { return }
        if let failure = await removeTree(withdrawn) { throw failure }
    }

    nonisolated func usage(_ containerID: String) throws(RPCError) -> DirectoryTree.Usage {
        try requireIdentifier(containerID, "containerId")
        guard directory.exists(.containers, containerID) else {
            throw RPCError(.notFound, "container \(containerID) has no root file system here")
        }
        return try DirectoryTree.usage(Array("\(directory.path(.containers, containerID))/upper".utf8))
    }

    nonisolated func containerIDs() -> [String] { directory.names(in: .containers) }

    /// A container whose root file system stands on the layer.
    nonisolated func container(using digest: Digest) -> String? {
        containerIDs().first { recordedLayers($0)?.contains(digest.text) ?? false }
    }

    private static let recordName = "layers.json"

    private nonisolated func recordedLayers(_ containerID: String) -> [String]? {
        let record = StateDirectory.read("\(directory.path(.containers, containerID))/\(Self.recordName)")
        return record?["layers"]?.array?.compactMap(\.string)
    }

    /// Directories of the layers that show, the topmost first, relative to the state directory.
    ///
    /// The kernel refuses a directory that is there twice. Of a repeated layer only the topmost occurrence can show: what
    /// a lower one holds, whiteouts and opaque directories included, the upper one holds under the same name.
    private func lowerDirectories(_ layers: [Digest]) throws(RPCError) -> [String] {
        var lower: [String] = []
        var seen: Set<String> = []
        for digest in layers.reversed() where seen.insert(digest.text).inserted {
            guard let layer = try Layer(digest, in: directory) else {
                throw RPCError(.notFound, "the layer \(digest.text) has not been applied")
            }
            lower.append("\(StateDirectory.Area.layers.rawValue)/\(digest.shortName)")
            if layer.hidesLowerLayers { break }
        }
        // Overlay wants one lower directory, even for a container that starts from nothing.
        return lower.isEmpty ? [StateDirectory.Area.empty.rawValue] : lower
    }
}
