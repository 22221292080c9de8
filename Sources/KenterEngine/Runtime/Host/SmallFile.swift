import CLinux
import Glibc

/// Small files of the host, read and written whole: those of /proc, of the cgroup tree and of the run directory.
enum SmallFile {
    /// The file's bytes, at most `limitBytes`; `nil` when it cannot be read.
    static func read(_ path: String, limitBytes: Int = 1 << 20) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return readAll(descriptor, limitBytes: limitBytes)
    }

    /// The file as text; `nil` when it cannot be read.
    static func readText(_ path: String, limitBytes: Int = 1 << 20) -> String? {
        read(path, limitBytes: limitBytes).map { String(decoding: $0, as: UTF8.self) }
    }

    /// What is left to read from a descriptor, at most `limitBytes`; `nil` after an error.
    static func readAll(_ descriptor: Int32, limitBytes: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while bytes.count < limitBytes {
            let count = clinux_read(descriptor, &buffer, min(buffer.count, limitBytes - bytes.count))
            if count == 0 { break }
            if count < 0 { return nil }
            bytes.append(contentsOf: buffer[..<count])
        }
        return bytes
    }

    /// Makes or replaces a file that only the engine's user may read.
    static func write(_ bytes: [UInt8], to path: String) throws(RuntimeError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("cannot write \(path)") }
        defer { close(descriptor) }
        guard clinux_write_all(descriptor, bytes, bytes.count) == 0 else { throw failure("cannot write \(path)") }
    }

    /// Makes a directory with its parents; those that exist stay as they are.
    static func makeDirectory(_ path: String, mode: mode_t = 0o700) throws(RuntimeError) {
        if mkdir(path, mode) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw failure("cannot make the directory \(path)")
        }
        try makeDirectory(String(path[..<slash]), mode: mode)
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw failure("cannot make the directory \(path)") }
    }

    /// The names in a directory, without `.` and `..`, in no order; empty when it cannot be read.
    static func names(in directory: String) -> [String] { readableNames(in: directory) ?? [] }

    /// The same; `nil` with errno when it cannot be read.
    static func readableNames(in directory: String) -> [String]? {
        guard let stream = opendir(directory) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let name = clinux_next_name(stream) { names.append(String(cString: name)) }
        return names
    }

    /// Removes a directory and the files in it; one level, as the run directory has no more.
    static func removeDirectory(_ path: String) {
        for name in names(in: path) { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    /// A path without links and dots; `nil` with errno when it leads nowhere.
    static func realPath(of path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// An error that names what was tried and why the system refused.
    static func failure(_ what: String, errno code: Int32 = errno) -> RuntimeError {
        RuntimeError(.failed, "\(what): \(String(cString: strerror(code)))")
    }
}
