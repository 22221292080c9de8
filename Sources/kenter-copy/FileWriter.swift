import CLinux
import Glibc

/// Makes files below one directory and nowhere else.
///
/// Every path is looked up anew from that directory, and no link on the way is followed: what an archive has made
/// earlier, or somebody else puts there meanwhile, leads nowhere. What is replaced is removed, never written to.
struct FileWriter {
    private let root: Int32
    private let rules: UnpackRules
    /// The directory that the last entry lies in.
    private var parent: (path: ArraySlice<[UInt8]>, descriptor: Int32)?
    /// New directories get their modes last: making what is in them would need or undo what is set.
    private var directories: [(path: [UInt8], attributes: FileAttributes)] = []
    private static let directoriesMaximum = 1_000_000
    private var directoryBytes = 0
    private static let directoryBytesMaximum = 64 << 20

    init(root: Int32, rules: UnpackRules) {
        (self.root, self.rules) = (root, rules)
    }

    mutating func close() {
        if let parent { Glibc.close(parent.descriptor) }
        parent = nil
    }

    mutating func finish() throws(CopyRefusal) {
        for (path, attributes) in directories.reversed() {
            let descriptor = open(path, O_RDONLY | O_DIRECTORY)
            guard descriptor >= 0 else { continue }  // Somebody has taken it away meanwhile.
            defer { Glibc.close(descriptor) }
            try attributes.apply(to: descriptor, path)
        }
    }

    // MARK: entries

    mutating func makeDirectory(_ path: [[UInt8]], _ attributes: FileAttributes) throws(CopyRefusal) {
        let (directory, name) = try place(path)
        if mkdirat(directory, name, 0o700) == 0 {
            guard directories.count < Self.directoriesMaximum else {
                throw CopyRefusal(.limit, "the archive holds more than \(Self.directoriesMaximum) directories")
            }
            let joined = PathNames.joined(path)
            directoryBytes += joined.count
            guard directoryBytes <= Self.directoryBytesMaximum else {
                throw CopyRefusal(
                    .limit, "the paths of the archive's directories have more than \(Self.directoryBytesMaximum) bytes")
            }
            return directories.append((joined, attributes))
        }
        guard errno == EEXIST else { throw CopyRefusal("make", PathNames.joined(path)) }
        var status = stat()
        guard fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            throw CopyRefusal("look at", PathNames.joined(path))
        }
        guard status.isDirectory else {
            throw CopyRefusal(
                .invalid, "cannot overwrite non-directory \"\(printable(PathNames.joined(path)))\" with directory")
        }
    }

    /// A new and empty file in the place of whatever was there, open for writing.
    mutating func openFile(_ path: [[UInt8]]) throws(CopyRefusal) -> Int32 {
        let (directory, name) = try place(path)
        try makeRoom(directory, name, path)
        let file = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw CopyRefusal("make", PathNames.joined(path)) }
        return file
    }

    mutating func makeLink(
        _ path: [[UInt8]], to target: UnsafePointer<CChar>, _ attributes: FileAttributes
    ) throws(CopyRefusal) {
        let (directory, name) = try place(path)
        try makeRoom(directory, name, path)
        guard symlinkat(target, directory, name) == 0 else { throw CopyRefusal("make", PathNames.joined(path)) }
        try attributes.apply(toLink: name, in: directory, path)
    }

    mutating func makePipe(_ path: [[UInt8]], _ attributes: FileAttributes) throws(CopyRefusal) {
        let (directory, name) = try place(path)
        try makeRoom(directory, name, path)
        guard mkfifoat(directory, name, attributes.mode & 0o777) == 0 else {
            throw CopyRefusal("make", PathNames.joined(path))
        }
        try attributes.apply(toLink: name, in: directory, path)
    }

    /// A second name of a file below the same directory; false when there is no such file.
    mutating func link(_ path: [[UInt8]], to target: [[UInt8]]) throws(CopyRefusal) -> Bool {
        guard let targetName = target.last else {
            throw CopyRefusal(.invalid, "the archive holds a hard link to a directory")
        }
        if path == target { return true }
        let targetDirectory = open(target.dropLast(), clinux_O_PATH | O_DIRECTORY)
        guard targetDirectory >= 0 else { return false }
        defer { Glibc.close(targetDirectory) }
        var status = stat()
        let from = PathNames.cString(targetName)
        guard fstatat(targetDirectory, from, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return false }
        let (directory, name) = try place(path)
        try makeRoom(directory, name, path)
        guard linkat(targetDirectory, from, directory, name, 0) == 0 else {
            throw CopyRefusal("link", PathNames.joined(path))
        }
        return true
    }

    // MARK: places

    private func open(_ path: ArraySlice<[UInt8]>, _ flags: Int32) -> Int32 { open(PathNames.joined(path), flags) }

    private func open(_ path: [UInt8], _ flags: Int32) -> Int32 {
        clinux_openat2(
            root, PathNames.cString(path), flags | O_CLOEXEC, 0,
            clinux_RESOLVE_BENEATH | clinux_RESOLVE_NO_SYMLINKS | clinux_RESOLVE_NO_MAGICLINKS)
    }

    /// The directory of an entry, made where it is missing, and the entry's name in it.
    private mutating func place(_ path: [[UInt8]]) throws(CopyRefusal) -> (directory: Int32, name: [CChar]) {
        let name = PathNames.cString(path.last ?? [])
        let above = path.dropLast()
        if let parent, parent.path == above { return (parent.descriptor, name) }
        close()
        let descriptor = try directory(above)
        parent = (above, descriptor)
        return (descriptor, name)
    }

    private func directory(_ path: ArraySlice<[UInt8]>) throws(CopyRefusal) -> Int32 {
        var descriptor = open(path, clinux_O_PATH | O_DIRECTORY)
        if descriptor < 0, errno == ENOENT, let name = path.last {
            let above = try directory(path.dropLast())
            defer { Glibc.close(above) }
            guard mkdirat(above, PathNames.cString(name), 0o755) == 0 || errno == EEXIST else {
                throw CopyRefusal("make", PathNames.joined(path))
            }
            descriptor = open(path, clinux_O_PATH | O_DIRECTORY)
        }
        guard descriptor >= 0 else {
            guard errno == ENOTDIR || errno == ELOOP else { throw CopyRefusal("open", PathNames.joined(path)) }
            throw CopyRefusal(
                .invalid,
                "'\(printable(PathNames.joined(path)))' is no directory but a file or a link, which is not followed")
        }
        return descriptor
    }

    /// Takes away a file that is in the way; a directory stays.
    private func makeRoom(_ directory: Int32, _ name: [CChar], _ path: [[UInt8]]) throws(CopyRefusal) {
        if unlinkat(directory, name, 0) == 0 || errno == ENOENT { return }
        guard errno == EISDIR else { throw CopyRefusal("replace", PathNames.joined(path)) }
        throw CopyRefusal(
            .invalid, "cannot overwrite directory \"\(printable(PathNames.joined(path)))\" with non-directory")
    }
}
