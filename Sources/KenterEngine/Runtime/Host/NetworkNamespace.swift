import CLinux
import Glibc
import Threads

/// A container's network namespace: a bind mount that the engine owns, so that it needs no process to live.
package struct NetworkNamespace: Sendable, Equatable {
    /// Where it is mounted, such as `<run>/netns/<id>`.
    package var path: String

    package init(path: String) { self.path = path }

    /// Makes an empty namespace with its loopback up and mounts it at ``path``; what was there is replaced.
    package func create() async throws(RuntimeError) {
        remove()
        if let slash = path.lastIndex(of: "/") { try SmallFile.makeDirectory(String(path[..<slash])) }
        let descriptor = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o400)
        guard descriptor >= 0 else { throw SmallFile.failure("cannot make \(path)") }
        close(descriptor)
        // The thread that leaves the engine's namespace ends here: no later work ever runs on it.
        let error = await DetachedThread.runApart { [path] in
            guard clinux_unshare(clinux_CLONE_NEWNET) == 0 else {
                return SmallFile.failure("cannot make a network namespace") as RuntimeError?
            }
            guard clinux_interface_up("lo") == 0 else { return SmallFile.failure("cannot set the loopback up") }
            guard mount("/proc/thread-self/ns/net", path, nil, UInt(MS_BIND), nil) == 0 else {
                return SmallFile.failure("cannot mount the network namespace at \(path)")
            }
            return nil
        }
        if let error {
            unlink(path)
            throw error
        }
    }

    /// Whether a namespace is mounted at ``path``.
    package var exists: Bool {
        var status = statfs()
        return statfs(path, &status) == 0 && status.f_type == 0x6e73_6673  // NSFS_MAGIC
    }

    /// Lets go of the namespace; the kernel drops it, with its devices, once no process is in it.
    package func remove() {
        while umount2(path, Int32(MNT_DETACH) | UMOUNT_NOFOLLOW) == 0 { continue }
        unlink(path)
    }
}

private let UMOUNT_NOFOLLOW: Int32 = 8
