import CLinux
import Glibc
import JSONRPC
import KenterState
import SHA2

/// A plugin's file, opened once: what was checked is what runs, whatever its path leads to later.
struct PluginExecutable: Sendable {
    let path: String
    private let descriptor: Descriptor
    // F_ADD_SEALS, and all seals of memfd_create(2): hidden without _GNU_SOURCE.
    private static let (addSeals, everySeal): (Int32, Int32) = (1033, 0xf)
    /// What the file was when it was read; `nil` where nobody asked.
    private(set) var identity: PluginRecord.FileIdentity?

    /// Opens the file without following a symbolic link, and checks it, every directory above it and, for a script,
    /// its interpreter. Modules that a script imports are not checked.
    static func open(_ path: String, trust: PluginTrust) throws(PluginRefusal) -> PluginExecutable {
        let descriptor = try descend(to: path, trust: trust)
        _ = try checkInterpreter(of: descriptor, path, trust: trust)
        return PluginExecutable(path: path, descriptor: descriptor)
    }

    /// The same, with its digest taken from the descriptor that runs. Of a script, what runs is a sealed copy in memory
    /// of the bytes that were digested: its interpreter opens the file once more.
    static func openDigested(_ path: String, trust: PluginTrust) throws(PluginRefusal) -> PluginExecutable {
        let descriptor = try descend(to: path, trust: trust)
        let isScript = try checkInterpreter(of: descriptor, path, trust: trust)
        let copy = isScript ? Descriptor(owning: clinux_memory_file("plugin")) : nil
        let digest = try digest(descriptor, copyingTo: copy, path)
        if let copy, fcntl(copy.number, addSeals, everySeal) != 0 {
            throw refusal(path, "a copy of it cannot be sealed (\(String(cString: strerror(errno))))")
        }
        var status = stat()
        guard fstat(descriptor.number, &status) == 0 else { throw refusal(path, "it cannot be examined") }
        let identity = PluginRecord.FileIdentity(
            owner: status.st_uid, mode: status.st_mode & 0o7777, digest: digest, isScript: isScript)
        return PluginExecutable(path: path, descriptor: copy ?? descriptor, identity: identity)
    }

    /// The bytes of a file that nobody else may have written, by the same rule.
    static func content(
        of path: String, trust: PluginTrust, limitBytes: Int
    ) throws(PluginRefusal) -> [UInt8] {
        let descriptor = try descend(to: path, trust: trust, isProgram: false)
        var bytes = [UInt8](repeating: 0, count: limitBytes + 1)
        let count = read(descriptor.number, &bytes, bytes.count)
        guard count >= 0, count <= limitBytes else { throw refusal(path, "it cannot be read, or is too large") }
        return Array(bytes[..<count])
    }

    /// Whether the file is a script, whose interpreter has then been checked.
    private static func checkInterpreter(
        of descriptor: Descriptor, _ path: String, trust: PluginTrust
    ) throws(PluginRefusal) -> Bool {
        guard let interpreter = try interpreter(in: descriptor, path) else { return false }
        guard let resolved = SmallFile.realPath(of: interpreter) else {
            throw refusal(path, "its interpreter \(interpreter) is missing")
        }
        _ = try descend(to: resolved, trust: trust)
        return true
    }

    private static func digest(
        _ file: Descriptor, copyingTo copy: Descriptor?, _ path: String
    ) throws(PluginRefusal) -> String {
        let digest = SHA256()
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(file.number, &buffer, buffer.count)
            guard count >= 0 else { throw refusal(path, "it cannot be read (\(String(cString: strerror(errno))))") }
            if count == 0 { break }
            digest.update(Array(buffer[..<count]))
            guard let copy else { continue }
            guard write(copy.number, buffer, count) == count else {
                throw refusal(path, "it cannot be copied (\(String(cString: strerror(errno))))")
            }
        }
        return SHA256.hex(digest.finalize())
    }

    /// A path to the open file. It goes through this process, since the child has the descriptor no more when the
    /// kernel, and the interpreter of a script, open it.
    var runnablePath: String { "/proc/\(getpid())/fd/\(descriptor.number)" }

    private static func descend(
        to path: String, trust: PluginTrust, isProgram: Bool = true
    ) throws(PluginRefusal) -> Descriptor {
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
        guard mode & S_IFMT == S_IFREG, mode & 0o111 != 0 || !isProgram else {
            throw refusal(path, "it is no executable file")
        }
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
