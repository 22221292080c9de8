import CLinux
import ChildProcess
import Glibc
package import JSONRPC
import KenterProtocol
import SHA2
import Threads

/// A file that a client sent or named: an open descriptor, so that nobody can exchange it behind the engine's back.
///
/// What is spooled has no name on the disk and vanishes with its last reader, whatever becomes of the engine.
package final class ArchiveFile: Sendable {
    /// Open for reading; closed with this object.
    package let descriptor: Int32
    package let sizeBytes: Int64
    /// Whether nobody else can reach it, so that it may become a blob as it is.
    let isNameless: Bool

    /// How large a spooled or unpacked archive may be.
    package static let sizeBytesMaximum: Int64 = 64 << 30

    private init(owning descriptor: Int32, sizeBytes: Int64, isNameless: Bool) {
        self.descriptor = descriptor
        self.sizeBytes = sizeBytes
        self.isNameless = isNameless
    }

    deinit { close(descriptor) }

    /// Opens a file on the host: regular, and no symbolic link.
    package convenience init(path: String) throws(RPCError) {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            let kind: RPCError.Kind = errno == ENOENT ? .notFound : .invalidParams
            throw RPCError(kind, "cannot open \(escapedForMessage(path)): \(String(cString: strerror(errno)))")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw RPCError(.invalidParams, "\(escapedForMessage(path)) is no regular file")
        }
        self.init(owning: descriptor, sizeBytes: Int64(status.st_size), isNameless: false)
    }

    /// Keeps what `next` yields until it yields `nil`, in a nameless file of `directory`.
    package static func spool(
        in directory: String, from next: () async throws -> [UInt8]?
    ) async throws -> ArchiveFile {
        var spool = try Spool(in: directory)
        while let bytes = try await next() { try spool.append(bytes) }
        return spool.finish()
    }

    /// This file if it is not compressed, else what it holds, in a nameless file of `directory`.
    ///
    /// Fails with `invalidParams` when it is damaged.
    package func decompressed(in directory: String) async throws -> ArchiveFile {
        guard let tool = compressionTool() else { return self }
        guard let executable = ChildProcess.find(tool) else {
            throw RPCError(.unsupported, "the file is compressed with \(tool), which is not installed")
        }
        let pipe = Pipe()
        guard pipe.isOpen else { throw RPCError(.exhausted, "the engine is out of file descriptors") }
        let input = try reopen()
        defer { close(input) }
        let process = ChildProcess(executable, ["-d", "-c"], descriptors: [0: input, 1: pipe.writing])
        let pid: Int32
        do {
            pid = try process.spawn()
        } catch {
            pipe.closeBoth()
            throw RPCError(.io, "\(error)")
        }
        close(pipe.writing)
        let child = RunningChild(pid)
        return try await withTaskCancellationHandler {
            try await DetachedThread.run {
                Result { try Self.collect(pipe.reading, of: child, tool: tool, in: directory) }
            }.get()
        } onCancel: {
            child.kill()
        }
    }

    /// The first bytes, at most `limitBytes` of them.
    func contents(limitBytes: Int) throws(RPCError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: limitBytes)
        var filled = 0
        while filled < limitBytes {
            let count = buffer.withUnsafeMutableBytes { bytes in
                pread(descriptor, bytes.baseAddress.map { $0 + filled }, limitBytes - filled, off_t(filled))
            }
            guard count >= 0 else { throw .system("read", "the archive") }
            if count == 0 { break }
            filled += count
        }
        return Array(buffer[..<filled])
    }

    /// The digest of the whole file.
    package func digest() async throws -> String {
        let file = self
        return try await DetachedThread.run { Result { try file.computeDigest() } }.get()
    }

    /// Gives the file, which must have been spooled, its name. Nothing happens when that name exists already.
    package func link(to path: String) throws(RPCError) {
        guard fsync(descriptor) == 0 else { throw .system("write", path) }
        let own = "/proc/self/fd/\(descriptor)"
        guard linkat(AT_FDCWD, own, AT_FDCWD, path, 0x400) == 0 || errno == EEXIST else {  // AT_SYMLINK_FOLLOW
            throw .system("create", path)
        }
    }

    /// A copy with a name to be given, for a file that somebody else may still write to.
    package func copied(in directory: String) async throws -> ArchiveFile {
        let input = try reopen()
        return try await DetachedThread.run {
            Result {
                defer { close(input) }
                return try Self.copy(input, in: directory)
            }
        }.get()
    }

    // MARK: the work, on threads that may block

    private func computeDigest() throws(RPCError) -> String {
        let digest = SHA256()
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var offset: off_t = 0
        while true {
            let count = pread(descriptor, &buffer, buffer.count, offset)
            guard count >= 0 else { throw .system("read", "the archive") }
            if count == 0 { return "sha256:" + SHA256.hex(digest.finalize()) }
            buffer.withUnsafeBytes { digest.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            offset += off_t(count)
        }
    }

    private static func copy(_ input: Int32, in directory: String) throws -> ArchiveFile {
        var spool = try Spool(in: directory)
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(input, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw RPCError.system("read", "the archive") }
            if count == 0 { return spool.finish() }
            try spool.append(buffer[..<count])
        }
    }

    private static func collect(
        _ output: Int32, of child: RunningChild, tool: String, in directory: String
    ) throws -> ArchiveFile {
        let copied = Result { try copy(output, in: directory) }
        close(output)
        if case .failure = copied { child.kill() }
        let status = child.wait()
        let file = try copied.get()
        guard status == .exited(0) else {
            throw RPCError(.invalidParams, "the file is damaged: \(tool) cannot decompress it")
        }
        return file
    }

    /// A descriptor with a position of its own.
    private func reopen() throws(RPCError) -> Int32 {
        let copy = open("/proc/self/fd/\(descriptor)", O_RDONLY | O_CLOEXEC)
        guard copy >= 0 else { throw .system("open", "the archive") }
        return copy
    }

    /// The program that undoes the compression which the first bytes name.
    private func compressionTool() -> String? {
        var magic = [UInt8](repeating: 0, count: 6)
        let count = pread(descriptor, &magic, magic.count, 0)
        let start = magic[..<max(0, count)]
        if start.starts(with: [0x1f, 0x8b]) { return "gzip" }
        if start.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) { return "zstd" }
        if start.starts(with: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) { return "xz" }
        if start.starts(with: Array("BZh".utf8)) { return "bzip2" }
        return nil
    }

    /// A nameless file that is being written.
    private struct Spool: ~Copyable {
        private let descriptor: Int32
        private var sizeBytes: Int64 = 0

        init(in directory: String) throws(RPCError) {
            // O_TMPFILE, which Swift does not import.
            descriptor = open(directory, 0o20200000 | O_RDWR | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw .system("create a file in", directory) }
        }

        deinit { close(descriptor) }

        mutating func append(_ bytes: some Collection<UInt8>) throws(RPCError) {
            sizeBytes += Int64(bytes.count)
            guard sizeBytes <= ArchiveFile.sizeBytesMaximum else {
                throw RPCError(.exhausted, "the archive has more than \(ArchiveFile.sizeBytesMaximum) bytes")
            }
            var rest = Array(bytes)[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                guard count > 0 else { throw .system("write", "the archive") }
                rest = rest.dropFirst(count)
            }
        }

        consuming func finish() -> ArchiveFile {
            let file = ArchiveFile(owning: descriptor, sizeBytes: sizeBytes, isNameless: true)
            discard self
            return file
        }
    }
}
