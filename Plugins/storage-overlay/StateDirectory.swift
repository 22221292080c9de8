import KenterProtocol
import CLinux
import Glibc
import JSONRPC

/// The plugin's own directory on the host: where things lie, and how they come and go in one step.
///
/// Everything is made below `tmp` and renamed into place when it is whole, and renamed back there to be removed, so that
/// a crash leaves either all or nothing under its name. Names are short, since an overlay mount has to fit one page.
struct StateDirectory: Sendable {
    enum Area: String, CaseIterable {
        /// Unpacked layers and their records.
        case layers = "l"
        /// What containers have written.
        case containers = "c"
        case volumes = "v"
        /// Records of volume mounts.
        case mounts = "m"
        /// A directory that stays empty.
        case empty
        /// Whatever is half made or half removed.
        case temporary = "tmp"
    }

    /// Absolute.
    let path: String
    /// Held locked as long as this plugin, or a process it started to unpack a layer, lives.
    let lock: Int32

    /// Opens the directory and locks it; waits a while for a process that an earlier plugin left unpacking a layer.
    ///
    /// Fails with `unavailable` when another process still works on it then.
    static func open(_ path: String, within deadline: Duration) async throws -> StateDirectory {
        let end = ContinuousClock.now + deadline
        while true {
            if let directory = try StateDirectory(path) { return directory }
            guard ContinuousClock.now < end else {
                throw RPCError(.unavailable, "another process still works on \(path); try again when it has ended")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// `nil` while another process holds the lock.
    private init?(_ path: String) throws(RPCError) {
        guard path.hasPrefix("/") else {
            throw RPCError(.invalidParams, "the state directory '\(path)' is no absolute path")
        }
        self.path = path
        // Only root may look in: layers hold set-user-ID programs and device nodes.
        for directory in [path] + Area.allCases.map({ "\(path)/\($0.rawValue)" }) {
            guard mkdir(directory, 0o700) == 0 || errno == EEXIST else { throw .system("create", directory) }
        }
        lock = Glibc.open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else { throw .system("open", "\(path)/lock") }
        guard clinux_try_lock(lock) == 0 else {
            close(lock)
            return nil
        }
    }

    /// Removes what an earlier plugin left half done, and returns what could not be removed.
    func removeRemains() -> [String] {
        names(in: .temporary).compactMap { name -> String? in
            do {
                try DirectoryTree.removeAny(path(.temporary, name))
                return nil
            } catch {
                return "\(error)"
            }
        }
    }

    func path(_ area: Area, _ name: String) -> String { "\(path)/\(area.rawValue)/\(name)" }

    /// A path below `tmp` that nothing has yet.
    func temporaryPath() -> String { path(.temporary, String(UInt64.random(in: .min ... .max), radix: 36)) }

    /// The names in an area; unreadable ones (nothing here has any) are left out.
    func names(in area: Area) -> [String] {
        guard let stream = opendir("\(path)/\(area.rawValue)") else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let found = clinux_next_name(stream) {
            let name = String(cString: found)
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    func exists(_ area: Area, _ name: String) -> Bool { access(path(area, name), F_OK) == 0 }

    /// Moves what was made at `temporaryPath` to its place.
    func install(_ temporaryPath: String, as area: Area, _ name: String) throws(RPCError) {
        guard rename(temporaryPath, path(area, name)) == 0 else { throw .system("create", path(area, name)) }
    }

    /// Takes something out of its place; `nil` when there is no such thing. The caller removes what it is given.
    func withdraw(_ area: Area, _ name: String) throws(RPCError) -> String? {
        let temporaryPath = temporaryPath()
        guard rename(path(area, name), temporaryPath) == 0 else {
            if errno == ENOENT { return nil }
            throw .system("remove", path(area, name))
        }
        return temporaryPath
    }

    /// Makes names in an area survive a loss of power.
    func synchronize(_ area: Area) throws(RPCError) {
        let directory = Glibc.open("\(path)/\(area.rawValue)", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw .system("open", "\(path)/\(area.rawValue)") }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw .system("write", "\(path)/\(area.rawValue)") }
    }

    /// Writes a record in one step.
    func write(_ record: JSONObject, as area: Area, _ name: String, isDurable: Bool = false) throws(RPCError) {
        let temporaryPath = temporaryPath()
        try Self.write(record, to: temporaryPath, isDurable: isDurable)
        try install(temporaryPath, as: area, name)
    }

    static func write(_ record: JSONObject, to path: String, isDurable: Bool = false) throws(RPCError) {
        let file = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .system("create", path) }
        defer { close(file) }
        var rest = JSONValue.object(record).bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { throw .system("write", path) }
            rest = rest.dropFirst(count)
        }
        if isDurable, fsync(file) != 0 { throw .system("write", path) }
    }

    /// Reads a record; `nil` when there is none or it is no JSON object.
    static func read(_ path: String) -> JSONObject? {
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count <= 0 { break }
            bytes += buffer[..<count]
        }
        // A record that cannot be read counts as missing: what it stood for is made again.
        return try? JSONScanner.scan(bytes).object
    }
}

/// Refuses an id that could mean something else than one name in a directory.
func requireIdentifier(_ text: String, _ parameter: String) throws(RPCError) {
    let isName = text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }
    guard isName, !text.isEmpty, text.utf8.count <= 128, !text.hasPrefix("."), !text.hasPrefix("-") else {
        throw RPCError(
            .invalidParams, "\(parameter) '\(printable(text.utf8))' must be 1 to 128 letters, digits, '_', '-' or '.'")
    }
}
