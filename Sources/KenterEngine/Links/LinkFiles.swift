import CLinux
import Glibc
package import JSONRPC
package import KenterProtocol

/// The files of a container's links: a directory on the host that the container sees, read-only, as
/// `/run/kenter/links`.
///
/// Each link has a directory of its alias. What it shows are symbolic links through `..data`, which names the version in
/// force; another version takes its place in one rename(2), so that a reader sees files of one version, never half of
/// one.
package struct LinkFiles: Sendable {
    private static let current = "..data"
    private static let pending = "..data.new"

    /// `<root>/containers/<id>/links`.
    private let path: String

    package init(directory path: String) {
        self.path = path
    }

    /// Makes the directory; it is mounted even when it stays empty.
    package func create() throws(RPCError) {
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw RPCError.system("make", path) }
        chmod(path, 0o755)
    }

    /// Makes the link show exactly these files; none at all removes its directory. Files that are as they should be
    /// already are not touched.
    package func set(_ files: [LinkFile], alias: String) throws(RPCError) {
        if files.isEmpty { return try remove(alias: alias) }
        let directory = "\(path)/\(alias)"
        guard mkdir(directory, 0o755) == 0 || errno == EEXIST else { throw RPCError.system("make", directory) }
        chmod(directory, 0o755)
        let previous = linkTarget("\(directory)/\(Self.current)")
        if let previous, shows(files, in: "\(directory)/\(previous)") { return }
        let version = Self.nextVersion(after: previous)
        do throws(RPCError) {
            try write(files, to: "\(directory)/\(version)")
            try swap(to: version, in: directory)
        } catch {
            removeTree("\(directory)/\(version)")
            throw error
        }
        try expose(files, in: directory)
        removeLeftovers(in: directory, but: version)
    }

    /// Removes all files of a link; there may be none.
    package func remove(alias: String) throws(RPCError) {
        let directory = "\(path)/\(alias)"
        removeTree(directory)
        var status = stat()
        if lstat(directory, &status) == 0 { throw RPCError.system("remove", directory) }
    }

    /// Removes the files of every link but these.
    package func keepOnly(_ aliases: Set<String>) throws(RPCError) {
        for name in SmallFile.names(in: path) where !aliases.contains(name) { try remove(alias: name) }
    }

    // MARK: steps

    private func write(_ files: [LinkFile], to version: String) throws(RPCError) {
        removeTree(version)
        guard mkdir(version, 0o755) == 0 else { throw RPCError.system("make", version) }
        chmod(version, 0o755)
        for file in files {
            var parent = version
            for component in file.path.split(separator: "/").dropLast() {
                parent += "/\(component)"
                guard mkdir(parent, 0o755) == 0 || errno == EEXIST else { throw RPCError.system("make", parent) }
                chmod(parent, 0o755)
            }
            try write(file, to: "\(version)/\(file.path)")
        }
    }

    private func write(_ file: LinkFile, to path: String) throws(RPCError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o400)
        guard descriptor >= 0 else { throw RPCError.system("make", path) }
        defer { close(descriptor) }
        var rest = Array(file.content.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno != EINTR { throw RPCError.system("write", path) }
            rest = rest.dropFirst(max(0, count))
        }
        fchmod(descriptor, Self.mode(file))
    }

    private func swap(to version: String, in directory: String) throws(RPCError) {
        let pending = "\(directory)/\(Self.pending)"
        unlink(pending)
        guard symlink(version, pending) == 0 else { throw RPCError.system("make", pending) }
        let current = "\(directory)/\(Self.current)"
        guard rename(pending, current) == 0 else { throw RPCError.system("replace", current) }
    }

    /// Makes the names that a container sees, and takes away those that no longer lead anywhere.
    private func expose(_ files: [LinkFile], in directory: String) throws(RPCError) {
        let names = Set(files.compactMap { $0.path.split(separator: "/").first.map(String.init) })
        for name in names.sorted() {
            let visible = "\(directory)/\(name)"
            guard symlink("\(Self.current)/\(name)", visible) == 0 || errno == EEXIST else {
                throw RPCError.system("make", visible)
            }
        }
        for name in SmallFile.names(in: directory) where !name.hasPrefix("..") && !names.contains(name) {
            unlink("\(directory)/\(name)")
        }
    }

    private func removeLeftovers(in directory: String, but version: String) {
        for name in SmallFile.names(in: directory) where name.hasPrefix("..") && name != Self.current && name != version
        {
            removeTree("\(directory)/\(name)")
        }
    }

    // MARK: looking

    /// Whether a version holds exactly these files.
    private func shows(_ files: [LinkFile], in version: String) -> Bool {
        guard fileCount(version) == files.count else { return false }
        return files.allSatisfy { file in
            let descriptor = open("\(version)/\(file.path)", O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
            guard descriptor >= 0 else { return false }
            defer { close(descriptor) }
            var status = stat()
            guard fstat(descriptor, &status) == 0, status.st_mode & 0o7777 == Self.mode(file) else { return false }
            let wanted = Array(file.content.utf8)
            guard Int(status.st_size) == wanted.count else { return false }
            var bytes = [UInt8](repeating: 0, count: wanted.count)
            let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            return count == wanted.count && bytes == wanted
        }
    }

    private func fileCount(_ directory: String) -> Int {
        SmallFile.names(in: directory).reduce(0) { count, name in
            let path = "\(directory)/\(name)"
            return count + (isDirectory(path) ? fileCount(path) : 1)
        }
    }

    private static func mode(_ file: LinkFile) -> mode_t { file.mode == "0440" ? 0o440 : 0o444 }

    private static func nextVersion(after previous: String?) -> String {
        let number = previous.flatMap { UInt64($0.dropFirst(3)) } ?? 0
        return "..v\(number &+ 1)"
    }

    private func linkTarget(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 64)
        let count = readlink(path, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
    }

    private func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whoever needs it gone looks whether it is.
    private func removeTree(_ path: String) {
        if isDirectory(path) {
            for name in SmallFile.names(in: path) { removeTree("\(path)/\(name)") }
            rmdir(path)
        } else {
            unlink(path)
        }
    }
}
