import CArchive
import CLinux
import Glibc

/// Writes a file or a directory with all that is in it to standard output, as a tar archive.
///
/// What is read may change meanwhile, and whoever changes it may be hostile: every file is opened from the directory it
/// was found in, without following links, and only what was seen to be a regular file is opened to be read.
struct ArchivePacker {
    private let archive: OpaquePointer
    private let entry: OpaquePointer
    private let reopening: Reopening
    private var notes = CopyNotes()
    /// Where files with several names were first met.
    private var names: [FileIdentity: [UInt8]] = [:]
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)
    /// Names of further ones are not kept: each of those is a file of its own then.
    private static let namesMaximum = 1_000_000
    private var nameBytes = 0
    private static let nameBytesMaximum = 64 << 20

    struct FileIdentity: Hashable {
        var device: dev_t
        var number: ino_t
    }

    /// - Parameter follows: whether a link at the end of the path is followed.
    static func pack(
        _ source: NamedPath, follows: Bool, _ lookup: PathLookup, _ reopening: Reopening
    ) throws(CopyRefusal) {
        guard let archive = archive_write_new(), let entry = archive_entry_new() else {
            throw CopyRefusal(.system, "out of memory")
        }
        defer {
            archive_entry_free(entry)
            archive_write_free(archive)
        }
        archive_write_set_format_pax_restricted(archive)
        archive_write_add_filter_none(archive)
        archive_write_set_bytes_per_block(archive, 64 << 10)
        archive_write_set_bytes_in_last_block(archive, 512)
        archive_write_open_fd(archive, STDOUT_FILENO)
        var packer = ArchivePacker(archive: archive, entry: entry, reopening)
        do throws(CopyRefusal) {
            try packer.addRoot(source, follows: follows, lookup)
        } catch {
            // Or freeing it would write its end, and half of what was asked for would pass for the whole.
            archive_write_fail(archive)
            throw error
        }
        guard archive_write_close(archive) >= ARCHIVE_WARN else { throw packer.failure() }
    }

    private init(archive: OpaquePointer, entry: OpaquePointer, _ reopening: Reopening) {
        (self.archive, self.entry, self.reopening) = (archive, entry, reopening)
    }

    // MARK: walking

    private mutating func addRoot(_ source: NamedPath, follows: Bool, _ lookup: PathLookup) throws(CopyRefusal) {
        let last = follows || source.isDirectory ? 0 : O_NOFOLLOW
        let object = lookup.open(source.path, clinux_O_PATH | last)
        guard object >= 0 else {
            guard [ENOENT, ENOTDIR].contains(errno) else { throw CopyRefusal("open", source.path) }
            throw CopyRefusal(.missing, printable(source.path))
        }
        defer { close(object) }
        let status = try Self.status(of: object, source.path)
        guard !source.isDirectory || status.isDirectory else {
            throw CopyRefusal(.notDirectory, printable(source.path))
        }
        guard !KernelFileSystem.contains(object) || status.st_mode & S_IFMT == S_IFLNK else {
            throw CopyRefusal(
                .invalid,
                "\(printable(source.path)) is no file but what the kernel tells: run a command that prints it")
        }
        let name = source.isContents ? Array(".".utf8) : source.name
        try add(object, status, as: name, depth: 0)
    }

    /// - Parameter object: the file, opened as a place only.
    private mutating func add(
        _ object: Int32, _ status: stat, as name: [UInt8], depth: Int
    ) throws(CopyRefusal) {
        archive_entry_clear(entry)
        archive_entry_set_mode(entry, status.st_mode)
        archive_entry_set_uid(entry, Int64(status.st_uid))
        archive_entry_set_gid(entry, Int64(status.st_gid))
        archive_entry_set_mtime(entry, status.st_mtim.tv_sec, 0)
        switch status.st_mode & S_IFMT {
        case S_IFDIR: try addDirectory(object, status, as: name, depth: depth)
        case S_IFREG: try addFile(object, as: name)
        case S_IFLNK:
            var target = [CChar](repeating: 0, count: PathNames.bytesMaximum + 1)
            let count = readlinkat(object, "", &target, target.count - 1)
            guard count >= 0 else { throw CopyRefusal("read the link", name) }
            archive_entry_copy_symlink(entry, target)
            try writeHeader(name)
        case S_IFSOCK: notes.note(name, "a socket")
        default:
            archive_entry_set_rdev(entry, status.st_rdev)
            try writeHeader(name)
        }
    }

    private mutating func addDirectory(
        _ object: Int32, _ status: stat, as name: [UInt8], depth: Int
    ) throws(CopyRefusal) {
        try writeHeader(name + [PathNames.slash])
        guard !KernelFileSystem.contains(object) else { return notes.note(name, "what it holds is the kernel's") }
        // What it holds has one component more, and so has all where the first has a name.
        guard depth + 1 < PathNames.depthMaximum else {
            throw CopyRefusal(.limit, "\(printable(name)) lies as deep as \(PathNames.depthMaximum) directories")
        }
        let descriptor = openat(object, ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw CopyRefusal("open", name) }
        guard let stream = fdopendir(descriptor) else {
            close(descriptor)
            throw CopyRefusal("read", name)
        }
        defer { closedir(stream) }
        while true {
            guard let found = clinux_next_name(stream) else {
                if errno != 0 { throw CopyRefusal("read", name) }
                return
            }
            let child = UnsafeRawBufferPointer(start: found, count: strlen(found)).map { $0 }
            try addChild(child, of: object, as: name + [PathNames.slash] + child, depth: depth + 1)
        }
    }

    private mutating func addChild(
        _ child: [UInt8], of directory: Int32, as name: [UInt8], depth: Int
    ) throws(CopyRefusal) {
        // With the `/` of a directory: what is longer no archive is unpacked with.
        guard name.count < PathNames.bytesMaximum else { return notes.note(name, "its path is too long") }
        let object = openat(directory, PathNames.cString(child), clinux_O_PATH | O_NOFOLLOW | O_CLOEXEC)
        guard object >= 0 else {
            if errno == ENOENT { return }  // It has gone since its name was read.
            throw CopyRefusal("open", name)
        }
        defer { close(object) }
        try add(object, try Self.status(of: object, name), as: name, depth: depth)
    }

    // MARK: files

    private mutating func addFile(_ object: Int32, as name: [UInt8]) throws(CopyRefusal) {
        let status = try Self.status(of: object, name)
        let identity = FileIdentity(device: status.st_dev, number: status.st_ino)
        if status.st_nlink > 1, let first = names[identity] {
            archive_entry_copy_hardlink(entry, PathNames.cString(first))
            archive_entry_set_size(entry, 0)
            return try writeHeader(name)
        }
        // Not by its name, which may be a device's by now: opening one may do something already.
        let file = reopening.open(object, O_RDONLY | O_NONBLOCK)
        guard file >= 0 else { throw CopyRefusal("open", name) }
        defer { close(file) }
        if status.st_nlink > 1, names.count < Self.namesMaximum, nameBytes + name.count <= Self.nameBytesMaximum {
            names[identity] = name
            nameBytes += name.count
        }
        var capability = [UInt8](repeating: 0, count: 64)
        let count = fgetxattr(file, "security.capability", &capability, capability.count)
        if count > 0 { archive_entry_xattr_add_entry(entry, "security.capability", capability, count) }
        archive_entry_set_size(entry, Int64(status.st_size))
        try writeHeader(name)
        try writeData(file, Int64(status.st_size), name)
    }

    /// As many bytes as were announced: of a file that grows no more, and zeros for what one has lost.
    private mutating func writeData(_ file: Int32, _ sizeBytes: Int64, _ name: [UInt8]) throws(CopyRefusal) {
        var rest = sizeBytes
        while rest > 0 {
            let wanted = Int(min(rest, Int64(buffer.count)))
            var count = read(file, &buffer, wanted)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw CopyRefusal("read", name) }
            if count == 0 {
                for index in 0..<wanted { buffer[index] = 0 }
                count = wanted
            }
            guard archive_write_data(archive, buffer, count) == count else { throw failure() }
            rest -= Int64(count)
        }
    }

    private func writeHeader(_ name: [UInt8]) throws(CopyRefusal) {
        archive_entry_copy_pathname(entry, PathNames.cString(name))
        // A warning is about a name that is no UTF-8, which goes as it is.
        guard archive_write_header(archive, entry) >= ARCHIVE_WARN else { throw failure() }
    }

    private static func status(of descriptor: Int32, _ name: [UInt8]) throws(CopyRefusal) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw CopyRefusal("look at", name) }
        return status
    }

    private func failure() -> CopyRefusal {
        let words = archive_error_string(archive).map { String(cString: $0) } ?? "unknown error"
        return CopyRefusal(.system, "the archive cannot be written: \(printable(words.utf8))")
    }
}

extension stat {
    var isDirectory: Bool { st_mode & S_IFMT == S_IFDIR }
}
