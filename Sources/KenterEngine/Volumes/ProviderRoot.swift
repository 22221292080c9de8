import CLinux
import Glibc
import JSONRPC

/// A container's root filesystem as it may be mounted: an overlay of directories that are held open.
///
/// An overlay takes paths only, and a path may lead elsewhere by then. So it is mounted from a directory of the engine's in
/// which each of these paths is a link to the descriptor; the mount table shows the same paths.
struct ProviderRoot {
    /// What the mount table shows as the mount's source.
    let source: String
    /// Paths are those of ``directories``.
    var options: [String] = []
    /// By path, relative and without links.
    var directories: [String: Descriptor] = [:]

    /// One of the paths that lies in another one: both could not be links.
    var nestedPath: String? {
        directories.keys.first { path in
            path.indices.contains { path[$0] == "/" && directories[String(path[..<$0])] != nil }
        }
    }

    /// - Parameter stagePath: a directory of the engine's that does not exist, and is gone afterwards.
    func mount(at target: String, stagePath: String) async throws {
        defer { DirectoryRemoval.remove(stagePath) }
        try Self.make(stagePath)
        for (path, directory) in directories {
            let link = "\(stagePath)/\(path)"
            for index in path.indices where path[index] == "/" { try Self.make("\(stagePath)/\(path[..<index])") }
            guard symlink("/proc/self/fd/\(directory.number)", link) == 0 else { throw RPCError.system("make", link) }
        }
        try await Mount(type: "overlay", source: source, target: target, options: options).make(in: stagePath)
        withExtendedLifetime(directories) {}
    }

    private static func make(_ path: String) throws(RPCError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw RPCError.system("make", path) }
    }
}
