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

    /// Where links to the directories of the root filesystem are while that is mounted.
    var rootStagePath: String { "\(directories.binds(containerId))/root" }

    /// Where the volume of a container's mount with that number is mounted.
    func volumePath(_ number: Int) -> String { "\(directories.binds(containerId))/volume\(number)" }

    /// Mounts every bind; returns the paths by target. ``remove()`` takes them away, after an error too.
    func make(_ mounts: [MountRecord]) throws -> [String: String] {
        remove()
        // The place of volumes, too.
        guard mounts.contains(where: { $0.type != .tmpfs }) else { return [:] }
        let binds = mounts.filter { $0.type == .bind }
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

    /// Recursive only where nothing but links can be: were something still mounted, it would be the host's own files that
    /// went.
    func remove() {
        let directory = directories.binds(containerId)
        DirectoryRemoval.remove(rootStagePath)
        for name in SmallFile.names(in: directory) {
            let path = "\(directory)/\(name)"
            Mount.remove(path)
            if rmdir(path) != 0 { unlink(path) }
        }
        rmdir(directory)
    }
}
