import CLinux
import Glibc

/// How paths are found: inside a container, whose files are hostile, or on the host as its users find them.
struct PathLookup {
    let directory: Int32
    let resolution: UInt64

    /// Paths of the host, seen from the working directory.
    static let host = PathLookup(directory: AT_FDCWD, resolution: 0)

    /// Opens a path; -1 with errno.
    func open(_ path: [UInt8], _ flags: Int32) -> Int32 {
        clinux_openat2(directory, PathNames.cString(path), flags | O_CLOEXEC, 0, resolution)
    }

    /// Opens a directory as a place to go on from.
    func directory(_ path: [UInt8]) throws(CopyRefusal) -> Int32 {
        let descriptor = open(path, clinux_O_PATH | O_DIRECTORY)
        guard descriptor < 0 else { return descriptor }
        switch errno {
        case ENOENT: throw CopyRefusal(.missing, printable(path))
        case ENOTDIR: throw CopyRefusal(.notDirectory, printable(path))
        default: throw CopyRefusal("open", path)
        }
    }
}

/// The confinement of a process that copies to and from a container: the container's files are all there is, and of
/// root's powers only those over files are left.
///
/// Everything that this program needs is loaded by then: a library, locale or converter that it would load later would
/// be the container's.
enum CopyJail {
    /// Descriptor 3 is the mount namespace of a running container.
    static func enterNamespace() throws(CopyRefusal) -> PathLookup {
        var (theirs, ours) = (stat(), stat())
        try require("look at the container's mounts", fstat(3, &theirs))
        try require("look at the host's mounts", stat("/proc/self/ns/mnt", &ours))
        guard theirs.st_ino != ours.st_ino || theirs.st_dev != ours.st_dev else {
            throw CopyRefusal(.system, "the container has no mounts of its own")
        }
        // It must be this process's alone to change.
        try require("leave the engine's directory", clinux_unshare(CLONE_FS))
        try require("enter the container's mounts", clinux_setns(3, CLONE_NEWNS))
        return try confine()
    }

    /// Descriptor 3 is the root directory of a container that does not run.
    static func enterRoot() throws(CopyRefusal) -> PathLookup {
        try require("enter the container's root", fchdir(3))
        try require("make the container's root the only one", chroot("."))
        return try confine()
    }

    private static func confine() throws(CopyRefusal) -> PathLookup {
        close(3)
        try require("enter the container's root", chdir("/"))
        try require("give up new privileges", clinux_set_no_new_privileges())
        // CHOWN, DAC_OVERRIDE, FOWNER, FSETID, SETFCAP: no way out of a root, into a namespace or to another process.
        let kept: UInt64 = 1 << 0 | 1 << 1 | 1 << 3 | 1 << 4 | 1 << 31
        try require("give up capabilities", clinux_keep_capabilities(kept))
        let root = open("/", clinux_O_PATH | O_DIRECTORY | O_CLOEXEC)
        try require("open the container's root", root)
        return PathLookup(directory: root, resolution: clinux_RESOLVE_IN_ROOT | clinux_RESOLVE_NO_MAGICLINKS)
    }

    private static func require(_ action: String, _ status: Int32) throws(CopyRefusal) {
        guard status >= 0 else {
            throw CopyRefusal(.system, "cannot \(action): \(String(cString: strerror(errno)))")
        }
    }
}
