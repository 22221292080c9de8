import CArchive
import CLinux
import Glibc

/// What may become of an archive's entries.
struct UnpackRules {
    /// Whether the archive is of one thing, which goes to or into the destination.
    var isPlaced: Bool
    /// Whether files belong to whom the archive says.
    var keepsOwners: Bool
    /// Whether they are made on the host: without devices, pipes, and bits that give powers.
    var isHost: Bool
    /// Whether the container's root file system may not be changed.
    var isRootReadOnly: Bool

    init(_ options: Set<String>) {
        isPlaced = options.contains("--place")
        keepsOwners = options.contains("--owners")
        isHost = options.contains("--host")
        isRootReadOnly = options.contains("--read-only-root")
    }

    /// The bits of a mode that are set. Whoever gets another owner's file gets none of its owner's powers.
    var modeMask: mode_t { isHost ? 0o777 : keepsOwners ? 0o7777 : 0o1777 }
}

/// Reads a tar archive from standard input and makes what it holds.
struct ArchiveUnpacker {
    private let archive: OpaquePointer
    private let rules: UnpackRules
    private var notes = CopyNotes()

    static func unpack(
        to destination: NamedPath, _ rules: UnpackRules, _ lookup: PathLookup
    ) throws(CopyRefusal) {
        guard let archive = archive_read_new() else { throw CopyRefusal(.system, "out of memory") }
        defer { archive_read_free(archive) }
        archive_read_support_format_tar(archive)
        archive_read_support_format_empty(archive)
        // Where the library lacks one it would run a program, which would be the container's.
        guard archive_read_support_filter_gzip(archive) == ARCHIVE_OK,
            archive_read_support_filter_bzip2(archive) == ARCHIVE_OK,
            archive_read_support_filter_xz(archive) == ARCHIVE_OK,
            archive_read_support_filter_zstd(archive) == ARCHIVE_OK
        else { throw CopyRefusal(.system, "this host's libarchive does not decompress by itself: install another") }
        var unpacker = ArchiveUnpacker(archive: archive, rules: rules)
        guard archive_read_open_fd(archive, STDIN_FILENO, 64 << 10) >= ARCHIVE_WARN else { throw unpacker.failure() }
        try unpacker.run(destination, lookup)
    }

    private init(archive: OpaquePointer, rules: UnpackRules) {
        (self.archive, self.rules) = (archive, rules)
    }

    private mutating func run(_ destination: NamedPath, _ lookup: PathLookup) throws(CopyRefusal) {
        var entry = try next()
        let target = try DestinationPath(destination, lookup)
        let placement: Placement
        if rules.isPlaced {
            guard let entry else { throw CopyRefusal(.invalid, "the archive is empty") }
            let first = try PathNames.components(try name(of: entry))
            placement = try Placement.one(
                first, isDirectory: archive_entry_filetype(entry) == S_IFDIR, target.path, target.found)
        } else {
            placement = try Placement.plain(target.path, target.found)
        }
        let root = try lookup.directory(placement.isInParent ? target.path.parent : target.path.path)
        defer { close(root) }
        try checkWritable(root, lookup)
        var writer = FileWriter(root: root, rules: rules)
        defer { writer.close() }
        while let current = entry {
            try write(current, placement, &writer)
            entry = try next()
        }
        try writer.finish()
    }

    private func checkWritable(_ directory: Int32, _ lookup: PathLookup) throws(CopyRefusal) {
        guard !rules.isHost else { return }
        var (here, root, mount) = (stat(), stat(), statvfs())
        guard fstat(directory, &here) == 0, fstat(lookup.directory, &root) == 0, fstatvfs(directory, &mount) == 0 else {
            throw CopyRefusal("look at", Array("the destination".utf8))
        }
        let isReadOnly = mount.f_flag & UInt(ST_RDONLY) != 0
        if here.st_dev == root.st_dev, rules.isRootReadOnly || isReadOnly { throw CopyRefusal(.rootReadOnly, "") }
        if isReadOnly { throw CopyRefusal(.mountReadOnly, "") }
    }

    private mutating func write(
        _ entry: OpaquePointer, _ placement: Placement, _ writer: inout FileWriter
    ) throws(CopyRefusal) {
        let path = try placement.path(try PathNames.components(try name(of: entry)))
        // The directory that is there already keeps what it has.
        guard !path.isEmpty else { return }
        let attributes = FileAttributes(entry, rules)
        if let target = archive_entry_hardlink(entry) {
            let target = try placement.path(try PathNames.components(Self.bytes(target)))
            guard try writer.link(path, to: target) else {
                return notes.note(PathNames.joined(path), "a hard link to what was left out")
            }
            return
        }
        switch archive_entry_filetype(entry) {
        case S_IFDIR: try writer.makeDirectory(path, attributes)
        case S_IFLNK:
            guard let target = archive_entry_symlink(entry) else {
                throw CopyRefusal(.invalid, "the archive holds a link without a target")
            }
            try writer.makeLink(path, to: target, attributes)
        case S_IFREG:
            let file = try writer.openFile(path)
            defer { Glibc.close(file) }
            try writeData(file, path, archive_entry_size(entry))
            try attributes.apply(to: file, PathNames.joined(path))
        case S_IFIFO where !rules.isHost: try writer.makePipe(path, attributes)
        case S_IFIFO: notes.note(PathNames.joined(path), "a named pipe")
        case S_IFCHR, S_IFBLK: notes.note(PathNames.joined(path), "a device")
        default: notes.note(PathNames.joined(path), "neither file nor directory nor link")
        }
    }

    /// Blocks of zeros become holes: a file that is all hole must not fill the disk on its way.
    private func writeData(_ file: Int32, _ path: [[UInt8]], _ sizeBytes: Int64) throws(CopyRefusal) {
        var block: UnsafeRawPointer?
        var (count, offset, end): (Int, Int64, Int64) = (0, 0, max(0, sizeBytes))
        while true {
            let status = archive_read_data_block(archive, &block, &count, &offset)
            if status == ARCHIVE_EOF { break }
            guard status >= ARCHIVE_WARN else { throw failure() }
            let bytes = UnsafeRawBufferPointer(start: block, count: count)
            guard offset >= 0, offset <= Int64.max - Int64(count) else {
                throw CopyRefusal(.limit, "\(printable(PathNames.joined(path))) is larger than any file")
            }
            end = max(end, offset + Int64(count))
            if bytes.allZero { continue }
            try Self.write(bytes, to: file, at: offset, path)
        }
        guard ftruncate(file, off_t(end)) == 0 else { throw CopyRefusal("write", PathNames.joined(path)) }
    }

    private static func write(
        _ bytes: UnsafeRawBufferPointer, to file: Int32, at offset: Int64, _ path: [[UInt8]]
    ) throws(CopyRefusal) {
        var written = 0
        while written < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
            let count = pwrite(file, rest.baseAddress, rest.count, off_t(offset) + off_t(written))
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw CopyRefusal("write", PathNames.joined(path)) }
            written += count
        }
    }

    private mutating func next() throws(CopyRefusal) -> OpaquePointer? {
        var entry: OpaquePointer?
        let status = archive_read_next_header(archive, &entry)
        if status == ARCHIVE_EOF { return nil }
        // A warning is about a field that could not be read well, and the entry is still usable.
        guard status >= ARCHIVE_WARN, let entry else { throw failure() }
        return entry
    }

    private func name(of entry: OpaquePointer) throws(CopyRefusal) -> [UInt8] {
        guard let name = archive_entry_pathname(entry) else {
            throw CopyRefusal(.invalid, "the archive holds an entry without a readable name")
        }
        return Self.bytes(name)
    }

    private static func bytes(_ string: UnsafePointer<CChar>) -> [UInt8] {
        UnsafeRawBufferPointer(start: string, count: strlen(string)).map { $0 }
    }

    private func failure() -> CopyRefusal {
        let words = archive_error_string(archive).map { String(cString: $0) } ?? "unknown error"
        return CopyRefusal(.invalid, "the archive cannot be read: \(printable(words.utf8))")
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var allZero: Bool {
        guard let base = baseAddress, count > 0 else { return true }
        // The first byte is zero, and each is what the one before it is.
        return self[0] == 0 && memcmp(base, base + 1, count - 1) == 0
    }
}
