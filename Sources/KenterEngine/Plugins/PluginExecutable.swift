import CLinux
import Glibc
import JSONRPC

/// A plugin's file, opened once: what was checked is what runs, whatever its path leads to later.
struct PluginExecutable: Sendable {
    let path: String
    private let descriptor: Descriptor

    /// Opens the file without following a symbolic link, and checks it, every directory above it and, for a script,
    /// its interpreter. Modules that a script imports are not checked.
    static func open(_ path: String, trust: PluginTrust) throws(PluginRefusal) -> PluginExecutable {
        let descriptor = try descend(to: path, trust: trust)
        if let interpreter = try interpreter(in: descriptor, path) {
            guard let resolved = PluginDiscovery.realPath(of: interpreter) else {
                throw refusal(path, "its interpreter \(interpreter) is missing")
            }
            _ = try descend(to: resolved, trust: trust)
        }
        return PluginExecutable(path: path, descriptor: descriptor)
    }

    /// A path to the open file. It goes through this process, since the child has the descriptor no more when the
    /// kernel, and the interpreter of a script, open it.
    var runnablePath: String { "/proc/\(getpid())/fd/\(descriptor.number)" }

    private static func descend(to path: String, trust: PluginTrust) throws(PluginRefusal) -> Descriptor {
        var components = path.split(separator: "/").map(String.init)
        guard path.hasPrefix("/"), let name = components.popLast(), !components.contains("..") else {
            throw refusal(path, "its path must be absolute")
        }
        var directory = Descriptor(owning: Glibc.open("/", clinux_O_PATH | O_DIRECTORY | O_CLOEXEC))
        var reached = ""
        try check(directory, "/", path, trust)
        for component in components {
            reached += "/\(component)"
            let flags = clinux_O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
            directory = try open(component, in: directory, flags, reached, path)
            try check(directory, reached, path, trust)
        }
        let file = try open(name, in: directory, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, path, path)
        let mode = try check(file, path, path, trust)
        guard mode & S_IFMT == S_IFREG, mode & 0o111 != 0 else { throw refusal(path, "it is no executable file") }
        return file
    }

    private static func open(
        _ name: String, in directory: Descriptor, _ flags: Int32, _ reached: String, _ path: String
    ) throws(PluginRefusal) -> Descriptor {
        let number = openat(directory.number, name, flags)
        if number >= 0 { return Descriptor(owning: number) }
        let code = errno
        var status = stat()
        if fstatat(directory.number, name, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_mode & S_IFMT == S_IFLNK {
            throw refusal(path, "\(reached) is a symbolic link: name what it leads to")
        }
        throw refusal(path, "\(reached) cannot be opened (\(String(cString: strerror(code))))")
    }

    @discardableResult
    private static func check(
        _ descriptor: Descriptor, _ reached: String, _ path: String, _ trust: PluginTrust
    ) throws(PluginRefusal) -> mode_t {
        var status = stat()
        guard fstat(descriptor.number, &status) == 0 else { throw refusal(path, "\(reached) cannot be examined") }
        if let objection = trust.objection(to: status) {
            throw refusal(path, "\(reached) \(objection): only root and the engine's user may be able to change it")
        }
        return status.st_mode
    }

    /// The interpreter that a script names in its first line.
    private static func interpreter(in file: Descriptor, _ path: String) throws(PluginRefusal) -> String? {
        var start = [UInt8](repeating: 0, count: 256)
        let count = pread(file.number, &start, start.count, 0)
        guard count > 2, start[0] == UInt8(ascii: "#"), start[1] == UInt8(ascii: "!") else { return nil }
        let line = start[2..<count].prefix { $0 != 0x0a }
        let words = line.split { $0 == 0x20 || $0 == 0x09 }
        guard let word = words.first, word.first == UInt8(ascii: "/") else {
            throw refusal(path, "its first line must name an interpreter with an absolute path")
        }
        return String(decoding: word, as: UTF8.self)
    }

    private static func refusal(_ path: String, _ reason: String) -> PluginRefusal {
        PluginRefusal("\(path) is not run as a plugin: \(reason)")
    }
}
