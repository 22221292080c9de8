import CLinux
import Glibc

/// The confinement of the process that reads a hostile layer: a directory that is its whole file system, no network, no
/// way to new privileges.
enum LayerJail {
    /// Makes `directory` this process's root. It must be absolute and free of symbolic links.
    static func enter(_ directory: String) throws(LayerRefusal) {
        try require("leave the host's namespaces", clinux_unshare_mounts_network_ipc())
        try require("make the mounts private", mount("none", "/", nil, UInt(MS_REC | MS_PRIVATE), nil))
        try require("mount \(directory)", mount(directory, directory, nil, UInt(MS_BIND), nil))
        try require("enter \(directory)", chdir(directory))
        if clinux_pivot_root(".", ".") == 0 {
            try require("leave the host's files", umount2(".", Int32(MNT_DETACH)))
        } else {
            // The first root file system of a kernel cannot be pivoted away from; then the directory alone is the root.
            try require("make \(directory) the root", chroot("."))
        }
        try require("enter the root", chdir("/"))
        try require("give up new privileges", clinux_set_no_new_privileges())
    }

    private static func require(_ action: String, _ status: Int32) throws(LayerRefusal) {
        guard status == 0 else { throw LayerRefusal(.system, "cannot \(action): \(systemText())") }
    }
}
