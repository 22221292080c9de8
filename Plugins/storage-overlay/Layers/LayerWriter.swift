import CArchive
import CLinux
import Glibc
import JSONRPC

/// Writes a layer's entries below the current directory, whiteouts in the form overlay understands.
///
/// Runs in the ``LayerJail``: a link may lead wherever it likes, it cannot leave the layer. A whiteout speaks of lower
/// layers only, whatever the order of the entries: what this layer holds itself stays.
struct LayerWriter {
    private let stream: LayerStream
    private let limits: LayerLimits
    private let disk: OpaquePointer
    private var unpacked = UnpackedLayer()
    private var nameBytes: UInt64 = 0
    /// Paths that are whiteouts now.
    private var whiteouts: Set<[UInt8]> = []
    /// Directories whose lower layers are hidden; marked last, since an entry may still replace one.
    private var opaque: Set<[UInt8]> = []

    static func write(_ stream: LayerStream, limits: LayerLimits) throws(LayerRefusal) -> UnpackedLayer {
        guard let disk = archive_write_disk_new() else { throw LayerRefusal(.system, "out of memory") }
        defer { archive_write_free(disk) }
        archive_write_disk_set_options(
            disk,
            ARCHIVE_EXTRACT_OWNER | ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_XATTR
                | ARCHIVE_EXTRACT_SECURE_NODOTDOT | ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS)
        var writer = LayerWriter(stream: stream, limits: limits, disk: disk)
        try writer.writeEntries()
        return writer.unpacked
    }

    private init(stream: LayerStream, limits: LayerLimits, disk: OpaquePointer) {
        (self.stream, self.limits, self.disk) = (stream, limits, disk)
    }

    private mutating func writeEntries() throws(LayerRefusal) {
        var entry: OpaquePointer?
        while true {
            let status = archive_read_next_header(stream.tar, &entry)
            if status == ARCHIVE_EOF { break }
            // A warning is about a field that could not be read well, and the entry is still usable.
            guard status >= ARCHIVE_WARN, let entry else { throw stream.failure(of: stream.tar) }
            guard let pathname = archive_entry_pathname(entry) else {
                throw LayerRefusal(.content, "the layer holds an entry without a readable name")
            }
            let spelled = bytes(pathname)
            try count(spelled, archive_entry_size(entry))
            switch try LayerEntryName(spelled) {
            case .root, .metadata: continue
            case .whiteout(let path): try hide(path)
            case .opaque(let path): try clear(path)
            case .entry(let path): try write(entry, at: path)
            }
        }
        // Closing sets the times and modes of directories, which writing into them would have undone.
        guard archive_write_close(disk) >= ARCHIVE_WARN else { throw diskFailure() }
        try markOpaqueDirectories()
    }

    private mutating func count(_ name: [UInt8], _ size: Int64) throws(LayerRefusal) {
        try countEntry()
        nameBytes += UInt64(name.count)
        guard nameBytes <= LayerLimits.nameBytes else {
            throw LayerRefusal(.limit, "the layer's names have more than \(LayerLimits.nameBytes) bytes together")
        }
        guard size >= 0, unpacked.sizeBytes + UInt64(size) <= limits.sizeBytes else {
            throw LayerRefusal(.limit, "the layer unpacks to more than \(limits.sizeBytes) bytes")
        }
        unpacked.sizeBytes += UInt64(size)
    }

    private mutating func countEntry() throws(LayerRefusal) {
        unpacked.entries += 1
        guard unpacked.entries <= limits.entries else {
            throw LayerRefusal(.limit, "the layer holds more than \(limits.entries) entries")
        }
    }

    // MARK: Whiteouts

    private mutating func hide(_ path: [UInt8]) throws(LayerRefusal) {
        try replaceWhiteouts(above: path)
        switch kind(of: path) {
        case .directory: opaque.insert(path)
        case .other: break
        case .missing:
            try makeDirectories(to: parent(of: path))
            guard mknod(cString(path), S_IFCHR, 0) == 0 else { throw systemFailure("hide", path) }
            whiteouts.insert(path)
        }
    }

    private mutating func clear(_ path: [UInt8]) throws(LayerRefusal) {
        guard !path.isEmpty else {
            // Overlay ignores the mark on a layer's root: layers below this one are left out of the mount instead.
            unpacked.hidesLowerLayers = true
            return
        }
        try replaceWhiteouts(above: path + [slash])
        try makeDirectories(to: path)
        opaque.insert(path)
    }

    /// A whiteout on the way to a new entry becomes a directory that shows nothing of the layers below.
    private mutating func replaceWhiteouts(above path: [UInt8]) throws(LayerRefusal) {
        guard !whiteouts.isEmpty else { return }
        for end in path.indices where path[end] == slash {
            let prefix = Array(path[..<end])
            // It may have gone with a directory above it that an entry has replaced.
            guard whiteouts.remove(prefix) != nil, kind(of: prefix) != .missing else { continue }
            guard unlink(cString(prefix)) == 0 else { throw systemFailure("replace the whiteout", prefix) }
            try makeDirectories(to: prefix)
            opaque.insert(prefix)
        }
    }

    private func markOpaqueDirectories() throws(LayerRefusal) {
        for path in opaque where kind(of: path) == .directory {
            guard lsetxattr(cString(path), "trusted.overlay.opaque", "y", 1, 0) == 0 else {
                throw systemFailure("mark the directory", path)
            }
        }
    }

    // MARK: Entries

    private mutating func write(_ entry: OpaquePointer, at path: [UInt8]) throws(LayerRefusal) {
        try replaceWhiteouts(above: path)
        let isDirectory = archive_entry_filetype(entry) == S_IFDIR
        try makeRoom(for: path, isDirectory: isDirectory)
        try makeDirectories(to: parent(of: path))
        archive_entry_copy_pathname(entry, cString(path))
        if let target = archive_entry_hardlink(entry) {
            archive_entry_copy_hardlink(entry, cString(try LayerEntryName.linkTarget(bytes(target), of: path)))
        }
        ExtendedAttributes.keepHarmless(of: entry)
        guard archive_write_header(disk, entry) >= ARCHIVE_WARN else { throw diskFailure() }
        if archive_entry_size(entry) > 0 { try writeData() }
        // A warning is an attribute that this file system cannot hold, which a container does without.
        guard archive_write_finish_entry(disk) >= ARCHIVE_WARN else { throw diskFailure() }
    }

    private func writeData() throws(LayerRefusal) {
        var block: UnsafeRawPointer?
        var count = 0
        var offset: Int64 = 0
        while true {
            let status = archive_read_data_block(stream.tar, &block, &count, &offset)
            if status == ARCHIVE_EOF { return }
            guard status >= ARCHIVE_WARN else { throw stream.failure(of: stream.tar) }
            guard archive_write_data_block(disk, block, count, offset) >= Int(ARCHIVE_WARN) else {
                throw diskFailure()
            }
        }
    }

    /// Removes what lies where an entry goes, unless directory meets directory: of two entries the later counts.
    private mutating func makeRoom(for path: [UInt8], isDirectory: Bool) throws(LayerRefusal) {
        let wasWhiteout = whiteouts.remove(path) != nil
        switch kind(of: path) {
        case .missing: return
        case .directory:
            if isDirectory { return }
            do {
                try DirectoryTree.remove(path)
            } catch {
                throw LayerRefusal(.system, error.message)
            }
        case .other:
            guard unlink(cString(path)) == 0 else { throw systemFailure("replace", path) }
            if wasWhiteout, isDirectory { opaque.insert(path) }
        }
    }

    /// What an archive leaves out counts as if it were there: one name may stand for hundreds of directories.
    private mutating func makeDirectories(to path: [UInt8]) throws(LayerRefusal) {
        guard !path.isEmpty, kind(of: path) == .missing else { return }
        try makeDirectories(to: parent(of: path))
        try countEntry()
        guard mkdir(cString(path), 0o755) == 0 || errno == EEXIST else {
            guard ![ENOENT, ENOTDIR, ELOOP].contains(errno) else {
                throw LayerRefusal(.content, "the path '\(printable(path))' lies in what is no directory")
            }
            throw systemFailure("create", path)
        }
    }

    private func diskFailure() -> LayerRefusal {
        let words = archive_error_string(disk).map { String(cString: $0) } ?? "unknown error"
        let reason: LayerRefusal.Reason =
            switch archive_errno(disk) {
            case ENOSPC, EDQUOT: .limit
            case EIO, EROFS, EMFILE, ENFILE, ENOMEM: .system
            default: .content
            }
        return LayerRefusal(reason, "the layer cannot be unpacked: \(printable(words.utf8))")
    }
}

/// What came out of a layer.
struct UnpackedLayer: Equatable {
    /// The bytes of all files together.
    var sizeBytes: UInt64 = 0
    var entries: UInt64 = 0
    /// Whether the layer's root is opaque: nothing of the layers below it shows.
    var hidesLowerLayers = false
}

private let slash = UInt8(ascii: "/")

private enum FileKind { case missing, directory, other }

private func kind(of path: [UInt8]) -> FileKind {
    var status = stat()
    guard lstat(cString(path), &status) == 0 else { return .missing }
    return status.st_mode & S_IFMT == S_IFDIR ? .directory : .other
}

private func parent(of path: [UInt8]) -> [UInt8] {
    guard let end = path.lastIndex(of: slash) else { return [] }
    return Array(path[..<end])
}

private func bytes(_ string: UnsafePointer<CChar>) -> [UInt8] {
    UnsafeRawBufferPointer(start: string, count: strlen(string)).map { $0 }
}

private func cString(_ path: [UInt8]) -> [CChar] {
    path.map { CChar(bitPattern: $0) } + [0]
}

private func systemFailure(_ action: String, _ path: [UInt8]) -> LayerRefusal {
    LayerRefusal(.system(errno), "cannot \(action) '\(printable(path))': \(systemText())")
}
