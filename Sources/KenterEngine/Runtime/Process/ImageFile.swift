import CLinux
import Glibc

/// Files of an image, read without trusting it: its links are resolved inside the image, and only regular files count.
package enum ImageFile {
    /// The file's text; `nil` when there is no regular file of at most 1 MiB at `path` below `rootPath`.
    package static func readText(_ path: String, rootPath: String) -> String? {
        let root = open(rootPath, clinux_O_PATH | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0 else { return nil }
        defer { close(root) }
        let file = clinux_openat2(
            root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0,
            clinux_RESOLVE_IN_ROOT | clinux_RESOLVE_NO_MAGICLINKS)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= 1 << 20 else {
            return nil
        }
        return SmallFile.readAll(file, limitBytes: 1 << 20).map { String(decoding: $0, as: UTF8.self) }
    }
}
