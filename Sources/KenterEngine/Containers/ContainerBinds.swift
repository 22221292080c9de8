import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import KenterState

/// What a container binds from the host, mounted at paths of the engine for as long as it takes to make the container:
/// the runtime takes paths only, and a path of the host may lead elsewhere by then.
struct ContainerBinds {
    let directories: EngineDirectories
    let containerId: String

    /// Mounts every bind; returns the paths by target. ``remove()`` takes them away, after an error too.
    func make(_ mounts: [MountRecord]) throws -> [String: String] {
        let binds = mounts.filter { $0.type == .bind }
        if binds.isEmpty { return [:] }
        remove()
        let directory = directories.binds(containerId)
        guard mkdir(directory, 0o700) == 0 else { throw RPCError.system("make", directory) }
        var paths: [String: String] = [:]
        for (number, mount) in binds.enumerated() {
            try BindSource.makeMissing(mount)
            let path = "\(directory)/\(number)"
            try BindSource(mount, engineFiles: directories.enginesOwn).mount(at: path)
            paths[mount.target] = path
        }
        return paths
    }

    /// Never recursive: were something still mounted, it would be the host's own files that went.
    func remove() {
        let directory = directories.binds(containerId)
        for name in SmallFile.names(in: directory) {
            let path = "\(directory)/\(name)"
            Mount.remove(path)
            if rmdir(path) != 0 { unlink(path) }
        }
        rmdir(directory)
    }
}
