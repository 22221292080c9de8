import CLinux
import Glibc
import JSONRPC
import KenterProtocol

/// Where something is mounted in the root file system of a container that does not run: found inside that root, which is
/// hostile, and mounted on what was found, whatever its name leads to by then.
///
/// It is made at a path of the engine's own first: flags are set by path, and none leads to a mount that covers what an
/// open descriptor stands for.
struct MountPoint {
    private let mount: ContainerMount
    private let rootPath: String
    /// A path of the engine's, whose directory exists.
    private let stagePath: String

    init(_ mount: ContainerMount, rootPath: String, stagePath: String) {
        self.mount = mount
        self.rootPath = rootPath
        self.stagePath = stagePath
    }

    func make() throws {
        try mount.check()
        var status = stat()
        // A bind's source is the engine's own path, or checked to be the provider's.
        let isFile = mount.type == "bind" && stat(mount.source, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR
        let target = try open(isFile: isFile)
        defer { close(target) }
        var options = mount.options
        if mount.type == "tmpfs" {
            options = options.filter { !$0.hasPrefix("size=") && $0 != "rw" && $0 != "ro" } + ["size=4k", "private"]
        }
        try stage(isFile: isFile)
        try Mount(type: mount.type, source: mount.source, target: stagePath, options: options).make()
        // A bind has the flags of what it binds.
        try Mount(type: "bind", source: stagePath, target: "/proc/self/fd/\(target)", options: ["rbind"]).make()
        // A tmpfs is still to be shut.
        if mount.type != "tmpfs" { unstage() }
    }

    /// Shuts a tmpfs wherever it is mounted: what it held is gone, and so would be what is put there.
    func seal() throws {
        guard mount.type == "tmpfs" else { return }
        guard Glibc.mount(nil, stagePath, nil, UInt(MS_REMOUNT | MS_RDONLY), nil) == 0 else {
            throw RPCError.system("shut", stagePath)
        }
        unstage()
    }

    /// Takes away what is left at the engine's own path.
    func unstage() {
        Mount.remove(stagePath)
        if rmdir(stagePath) != 0 { unlink(stagePath) }
    }

    private func stage(isFile: Bool) throws {
        guard isFile else {
            guard mkdir(stagePath, 0o700) == 0 else { throw RPCError.system("make", stagePath) }
            return
        }
        let file = Glibc.open(stagePath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw RPCError.system("make", stagePath) }
        close(file)
    }

    private func open(isFile: Bool) throws -> Int32 {
        let root = Glibc.open(rootPath, O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard root >= 0 else { throw RPCError.system("open", rootPath) }
        defer { close(root) }
        let found = find(in: root, clinux_O_PATH)
        if found >= 0 { return found }
        guard errno == ENOENT else { throw RPCError.system("mount at", mount.target) }
        // As the runtime would at the next start.
        let parent = mount.target.lastIndex(of: "/").map { String(mount.target[..<$0]) } ?? "/"
        try RootDirectory(rootPath).make(isFile ? parent : mount.target)
        if isFile {
            try makeFile(in: root)
        }
        let target = find(in: root, clinux_O_PATH)
        guard target >= 0 else { throw RPCError.system("mount at", mount.target) }
        return target
    }

    /// A new file, made without ever opening another one, which might be a device by now. A link to nowhere is followed,
    /// to where the file is missing.
    private func makeFile(in root: Int32) throws {
        var path = Array(mount.target.utf8)
        for _ in 0..<40 {
            let made = Self.find(path, in: root, O_WRONLY | O_CREAT | O_EXCL, mode: 0o644)
            guard made < 0 else {
                close(made)
                return
            }
            guard errno == EEXIST else { break }
            let link = Self.find(path, in: root, clinux_O_PATH | O_NOFOLLOW)
            guard link >= 0 else { continue }
            defer { close(link) }
            var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
            let count = readlinkat(link, "", &target, target.count)
            guard count > 0 else { return }  // No link: somebody has made it.
            let parent = path.lastIndex(of: UInt8(ascii: "/")).map { path[...$0] } ?? []
            path = Array(target[0] == UInt8(ascii: "/") ? [] : parent) + target[..<count]
        }
        throw RPCError.system("mount at", mount.target)
    }

    private func find(in root: Int32, _ flags: Int32) -> Int32 { Self.find(Array(mount.target.utf8), in: root, flags) }

    private static func find(_ path: [UInt8], in root: Int32, _ flags: Int32, mode: mode_t = 0) -> Int32 {
        clinux_openat2(
            root, path.map { CChar(bitPattern: $0) } + [0], flags | O_CLOEXEC, mode,
            clinux_RESOLVE_IN_ROOT | clinux_RESOLVE_NO_MAGICLINKS)
    }
}
