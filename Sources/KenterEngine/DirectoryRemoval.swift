import CLinux
import Glibc

/// Removes trees of the engine's own files; never follows links, never leaves a mounted file system behind a name.
enum DirectoryRemoval {
    /// Removes `path` with all below it; what cannot be removed stays.
    static func remove(_ path: String) {
        guard let slash = path.lastIndex(of: "/") else { return }
        let parent = open(String(path[..<slash]), O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else { return }
        defer { close(parent) }
        var status = stat()
        let name = String(path[path.index(after: slash)...])
        guard fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return }
        remove(name, in: parent, device: status.st_dev)
    }

    private static func remove(_ name: String, in parent: Int32, device: dev_t) {
        var status = stat()
        guard fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_dev == device else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            unlinkat(parent, name, 0)
            return
        }
        // A bind mount of the same file system is left alone too: what lies in it is somebody else's.
        let descriptor = clinux_openat2(
            parent, name, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0, clinux_RESOLVE_NO_XDEV)
        guard descriptor >= 0, let stream = fdopendir(descriptor) else { return }
        var names: [String] = []
        while let name = clinux_next_name(stream) { names.append(String(cString: name)) }
        for name in names { remove(name, in: descriptor, device: device) }
        closedir(stream)
        unlinkat(parent, name, AT_REMOVEDIR)
    }
}
