import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import KenterState

/// A file or directory of the host that a container gets, held open: what was checked is what is mounted, whatever
/// becomes of its name meanwhile.
struct BindSource: Sendable {
    private let descriptor: Descriptor

    /// Opens what a mount names. Fails with `invalidParams` and Docker's text when there is nothing, and with `forbidden`
    /// when it is, holds or lies in one of `engineFiles` and the mount does not say `engineAccess`.
    init(_ mount: MountRecord, engineFiles: [String]) throws(RPCError) {
        let source = mount.source ?? ""
        let number = open(source, clinux_O_PATH | O_CLOEXEC)
        guard number >= 0 else {
            guard errno == ENOENT else {
                throw RPCError(
                    .invalidParams, "invalid mount config for type \"bind\": cannot open \(source): \(Self.reason)")
            }
            throw RPCError(
                .invalidParams, "invalid mount config for type \"bind\": bind source path does not exist: \(source)")
        }
        descriptor = Descriptor(owning: number)
        guard mount.engineAccess != true else { return }
        guard let file = engineFiles.first(where: overlaps) else { return }
        throw RPCError(
            .forbidden,
            "\(source) is, holds or lies in the engine's own \(file): whoever can change it is root; --engine-access "
                + "(engineAccess of the request) mounts it all the same")
    }

    /// Mounts just this file, with all that is mounted below it, at a path that must not exist yet.
    func mount(at path: String) throws { try Self.mount(descriptor, at: path) }

    /// Mounts what a descriptor stands for, whatever its name leads to by now, at a path that must not exist yet.
    static func mount(_ descriptor: Descriptor, at path: String) throws {
        let isDirectory = directory(at: descriptor.number) != nil
        let made = isDirectory ? mkdir(path, 0o700) : mknod(path, S_IFREG | 0o600, 0)
        guard made == 0 else { throw RPCError(.io, "cannot make \(path): \(reason)") }
        try Mount(
            type: "bind", source: "/proc/self/fd/\(descriptor.number)", target: path, options: ["rbind", "rprivate"]
        ).make()
    }

    /// Makes the directory that a mount asks to be made.
    static func makeMissing(_ mount: MountRecord) throws(RPCError) {
        guard mount.createSource == true, let source = mount.source, access(source, F_OK) != 0, errno == ENOENT else {
            return
        }
        var prefix = ""
        for component in source.split(separator: "/") {
            prefix += "/" + component
            if mkdir(prefix, 0o755) != 0, errno != EEXIST {
                throw RPCError(.io, "cannot make \(source): \(reason)")
            }
        }
    }

    /// Whether it is a socket through which another engine of this host can be called, going by its name.
    static func isEngineSocket(_ path: String) -> Bool {
        let names = ["docker.sock", "containerd.sock", "podman.sock", "crio.sock", "kenter.sock"]
        var status = stat()
        return names.contains { path.hasSuffix("/\($0)") } && stat(path, &status) == 0
            && status.st_mode & S_IFMT == S_IFSOCK
    }

    private func overlaps(_ engineFile: String) -> Bool {
        let other = open(engineFile, clinux_O_PATH | O_CLOEXEC)
        guard other >= 0 else { return false }  // What does not exist is in nothing.
        let file = Descriptor(owning: other)
        return Self.isAtOrAbove(descriptor.number, file.number) || Self.isAtOrAbove(file.number, descriptor.number)
    }

    /// By device and inode, whatever the names.
    private static func isAtOrAbove(_ upper: Int32, _ lower: Int32) -> Bool {
        guard let wanted = FileIdentity(upper), let first = FileIdentity(lower) else { return false }
        if first == wanted { return true }
        var directory = self.directory(of: lower)
        while let current = directory, let identity = FileIdentity(current.number) {
            if identity == wanted { return true }
            directory = parent(of: current)
            // The root is its own parent.
            if directory.flatMap({ FileIdentity($0.number) }) == identity { return false }
        }
        return false
    }

    /// The file itself, where it is a directory.
    private static func directory(at descriptor: Int32) -> Descriptor? {
        let number = openat(descriptor, ".", clinux_O_PATH | O_DIRECTORY | O_CLOEXEC)
        return number >= 0 ? Descriptor(owning: number) : nil
    }

    /// Itself, or the directory that a file lies in.
    private static func directory(of descriptor: Int32) -> Descriptor? {
        if let itself = directory(at: descriptor) { return itself }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlink("/proc/self/fd/\(descriptor)", &buffer, buffer.count - 1)
        guard count > 0 else { return nil }
        let path = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let slash = path.lastIndex(of: "/") else { return nil }
        let number = open(String(path[...slash]), clinux_O_PATH | O_DIRECTORY | O_CLOEXEC)
        return number >= 0 ? Descriptor(owning: number) : nil
    }

    private static func parent(of directory: Descriptor) -> Descriptor? {
        let number = openat(directory.number, "..", clinux_O_PATH | O_DIRECTORY | O_CLOEXEC)
        return number >= 0 ? Descriptor(owning: number) : nil
    }

    private static var reason: String { String(cString: strerror(errno)) }
}

/// What makes a file the same file under any name.
private struct FileIdentity: Equatable {
    private let device: dev_t
    private let inode: ino_t

    init?(_ descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        (device, inode) = (status.st_dev, status.st_ino)
    }
}
