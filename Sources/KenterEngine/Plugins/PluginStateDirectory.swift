import CLinux
import Glibc
import JSONRPC
import KenterProtocol

/// The directory a plugin keeps its state in: its own, and nobody else's to read.
enum PluginStateDirectory {
    static func path(_ plugin: String, in directory: String) -> String { "\(directory)/\(plugin)" }

    /// Makes the directory where missing and returns its path.
    static func make(_ plugin: String, in directory: String) throws(RPCError) -> String {
        let path = path(plugin, in: directory)
        for each in [directory, path] {
            if mkdir(each, 0o700) != 0, errno != EEXIST { throw RPCError.system("make", each) }
        }
        var status = stat()
        guard lstat(path, &status) == 0 else { throw RPCError.system("examine", path) }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid() else {
            throw RPCError(.io, "\(path) must be a directory of the engine's user: remove what is there")
        }
        guard chmod(path, 0o700) == 0 else { throw RPCError.system("protect", path) }
        return path
    }
}
