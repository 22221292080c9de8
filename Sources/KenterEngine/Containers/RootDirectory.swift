import CLinux
import Glibc
import JSONRPC
import KenterProtocol

/// Directories below a container's root filesystem, which is the image's work and hostile: nothing is opened outside it.
struct RootDirectory {
    private let rootPath: String

    init(_ rootPath: String) {
        self.rootPath = rootPath
    }

    /// Makes `path` and its parents where missing, as Docker does for a working directory.
    func make(_ path: String) throws {
        let root = open(rootPath, O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard root >= 0 else { throw RPCError.system("make the working directory", path) }
        defer { close(root) }
        var parent = dup(root)
        defer { close(parent) }
        var walked = ""
        for component in path.split(separator: "/") {
            walked += "/" + component
            var next = openDirectory(root, walked)
            if next < 0, errno == ENOENT {
                guard mkdirat(parent, String(component), 0o755) == 0 || errno == EEXIST else {
                    throw RPCError.system("make the working directory", path)
                }
                next = openDirectory(root, walked)
            }
            guard next >= 0 else {
                throw RPCError(
                    .invalidParams, "the working directory \(path) cannot be used: \(String(cString: strerror(errno)))")
            }
            close(parent)
            parent = next
        }
    }

    private func openDirectory(_ root: Int32, _ path: String) -> Int32 {
        let resolution = clinux_RESOLVE_IN_ROOT | clinux_RESOLVE_NO_MAGICLINKS
        return clinux_openat2(root, path, O_DIRECTORY | O_CLOEXEC | O_RDONLY, 0, resolution)
    }
}
