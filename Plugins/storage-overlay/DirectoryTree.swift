import KenterProtocol
import JSONRPC
import CLinux
import Glibc

/// A directory with all it holds, whoever filled it: walked without following links, without leaving its file system,
/// and with a handful of descriptors however deep it is.
enum DirectoryTree {
    /// The disk space and the number of files of a tree; a file with several names counts once.
    struct Usage: Equatable {
        var sizeBytes: UInt64 = 0
        var inodes: UInt64 = 0
    }

    /// Removes the tree; success when there is none. What cannot be removed is left, and reported after the rest.
    static func remove(_ path: [UInt8]) throws(RPCError) {
        let root = try openRoot(path)
        guard root >= 0 else { return }
        defer { close(root) }
        var removal = Removal(root: root)
        removal.run()
        if let failure = removal.failure { throw failure }
        guard rmdir(cString(path)) == 0 || errno == ENOENT else {
            throw RPCError.system("remove", printable(path))
        }
    }

    /// Removes a file or a tree; success when there is none.
    static func removeAny(_ path: String) throws(RPCError) {
        if unlink(path) == 0 || errno == ENOENT { return }
        try remove(Array(path.utf8))
    }

    /// Measures the tree; one that does not exist is empty. Directories deeper than a path can name are not looked into.
    static func usage(_ path: [UInt8]) throws(RPCError) -> Usage {
        var usage = Usage()
        let root = try openRoot(path)
        guard root >= 0 else { return usage }
        defer { close(root) }
        var counted: Set<UInt64> = []
        var pending: [[UInt8]] = [[]]
        while let path = pending.popLast() {
            // It may be gone by now, or be a mount of something else: neither is this tree's space.
            guard let directory = OpenDirectory(path, below: root) else { continue }
            for name in directory.names() {
                var status = stat()
                guard fstatat(directory.descriptor, cString(name), &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
                let isDirectory = status.st_mode & S_IFMT == S_IFDIR
                if !isDirectory, status.st_nlink > 1, !counted.insert(UInt64(status.st_ino)).inserted { continue }
                usage.sizeBytes += UInt64(status.st_blocks) * 512
                usage.inodes += 1
                if isDirectory { pending.append(join(path, name)) }
            }
        }
        return usage
    }

    private static func openRoot(_ path: [UInt8]) throws(RPCError) -> Int32 {
        let root = open(cString(path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard root >= 0 || errno == ENOENT else { throw RPCError.system("open", printable(path)) }
        return root
    }
}

private struct Removal {
    let root: Int32
    var failure: RPCError?
    /// Directories to empty, and then to remove (`emptied`) once what lies in them is gone.
    private var pending: [(path: [UInt8], emptied: Bool)] = [([], false)]
    private var hoisted = 0

    init(root: Int32) { self.root = root }

    mutating func run() {
        while let (path, emptied) = pending.popLast() {
            if emptied {
                removeEmptied(path)
            } else {
                if !path.isEmpty { pending.append((path, true)) }
                empty(path)
            }
        }
    }

    private mutating func empty(_ path: [UInt8]) {
        guard let directory = OpenDirectory(path, below: root) else {
            if errno != ENOENT { record("open", path) }
            return
        }
        for name in directory.names() {
            if unlinkat(directory.descriptor, cString(name), 0) == 0 || errno == ENOENT { continue }
            let child = join(path, name)
            guard errno == EISDIR else {
                record("remove", child)
                continue
            }
            pending.append((child.count < 2048 ? child : hoist(name, from: directory) ?? child, false))
        }
    }

    /// A directory whose path grows too long to use is moved to the top, where it is short.
    private mutating func hoist(_ name: [UInt8], from directory: OpenDirectory) -> [UInt8]? {
        while true {
            hoisted += 1
            let short = Array("deep-\(hoisted)".utf8)
            if renameat(directory.descriptor, cString(name), root, cString(short)) == 0 { return short }
            // The name may be in use; an empty directory of that name may be replaced, it has to go anyway.
            guard errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR else { return nil }
        }
    }

    private mutating func removeEmptied(_ path: [UInt8]) {
        let end = path.lastIndex(of: UInt8(ascii: "/"))
        let parent = end.map { Array(path[..<$0]) } ?? []
        let name = end.map { Array(path[($0 + 1)...]) } ?? path
        guard let directory = OpenDirectory(parent, below: root),
            unlinkat(directory.descriptor, cString(name), AT_REMOVEDIR) == 0
        else {
            if errno != ENOENT { record("remove", path) }
            return
        }
    }

    private mutating func record(_ action: String, _ path: [UInt8]) {
        if failure == nil { failure = .system(action, "'\(printable(path))'") }
    }
}

/// An open directory of a tree; closed with its last reference.
private final class OpenDirectory {
    let descriptor: Int32

    /// `nil` with `errno` when the path leads through a link or into another file system.
    init?(_ path: [UInt8], below root: Int32) {
        descriptor = clinux_openat2(
            root, path.isEmpty ? cString([UInt8(ascii: ".")]) : cString(path),
            O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0,
            clinux_RESOLVE_BENEATH | clinux_RESOLVE_NO_SYMLINKS | clinux_RESOLVE_NO_XDEV)
        if descriptor < 0 { return nil }
    }

    deinit { close(descriptor) }

    /// All names, read at once: removing while reading may skip some.
    func names() -> [[UInt8]] {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard let stream = fdopendir(copy) else {
            if copy >= 0 { close(copy) }
            return []
        }
        defer { closedir(stream) }
        // The copy shares its position with the original, which may have been read before.
        rewinddir(stream)
        var names: [[UInt8]] = []
        while let name = clinux_next_name(stream) {
            names.append(Array(UnsafeRawBufferPointer(start: name, count: strlen(name))))
        }
        return names
    }
}

private func join(_ directory: [UInt8], _ name: [UInt8]) -> [UInt8] {
    directory.isEmpty ? name : directory + [UInt8(ascii: "/")] + name
}

private func cString(_ path: [UInt8]) -> [CChar] {
    path.map { CChar(bitPattern: $0) } + [0]
}
