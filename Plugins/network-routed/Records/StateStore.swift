import CLinux
import Glibc
import JSONRPC
import KenterProtocol

/// What has been made, one file for each network, attachment and link, so that a plugin started again goes on where
/// the last one stopped. Files change as a whole: a crash leaves the old or the new one.
struct StateStore: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case networks, attachments, links
    }

    let directory: String
    /// The least that any machine has.
    private static let pageBytes = 4096

    /// Makes the directories; fails with `io`.
    init(directory: String) throws(RPCError) {
        self.directory = directory
        for kind in Kind.allCases {
            guard mkdir("\(directory)/\(kind.rawValue)", 0o700) == 0 || errno == EEXIST else {
                throw failure("make the directory \(directory)/\(kind.rawValue)")
            }
        }
    }

    func save(_ record: some Encodable, _ kind: Kind, _ id: String) throws {
        let bytes = try JSONValueEncoder().encode(record).bytes
        let path = try path(kind, id)
        if let present = try? read(path) {
            let rest = present.dropFirst(bytes.count)
            // What is there needs no room on the disk.
            if present.starts(with: bytes), rest.allSatisfy({ $0 == space }) { return }
            if max(present.count, bytes.count) <= Self.pageBytes {
                return try overwrite(path, bytes + rest.map { _ in space })
            }
        }
        let file = open("\(path).new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw failure("write \(path)") }
        let isWritten = clinux_write_all(file, bytes, bytes.count) == 0
        guard close(file) == 0, isWritten, rename("\(path).new", path) == 0 else { throw failure("write \(path)") }
    }

    /// In place: a write within a page is done whole or not at all, whenever this process is killed. To replace a file makes
    /// file systems wait for the disk, a thousand times for a source of a thousand links.
    private func overwrite(_ path: String, _ bytes: [UInt8]) throws(RPCError) {
        let file = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { throw failure("write \(path)") }
        defer { close(file) }
        guard pwrite(file, bytes, bytes.count, 0) == bytes.count else { throw failure("write \(path)") }
    }

    func remove(_ kind: Kind, _ id: String) throws {
        let path = try path(kind, id)
        guard unlink(path) == 0 || errno == ENOENT else { throw failure("remove \(path)") }
    }

    /// All records of a kind. What is no record is dropped with a warning, as after a loss of power: what it was about is
    /// cleaned or made anew by the next reconcile. Fails with `io` where a file cannot be read, which may be a record.
    func load<Record: Decodable>(
        _ type: Record.Type, _ kind: Kind, warn: (String) -> Void
    ) throws(RPCError) -> [Record] {
        let folder = "\(directory)/\(kind.rawValue)"
        var records: [Record] = []
        for name in try names(in: folder) {
            let path = "\(folder)/\(name)"
            let bytes = try read(path)
            do {
                guard name.hasSuffix(".json") else { throw RPCError(.corruptState, "not finished") }
                records.append(try JSONValueDecoder().decode(type, from: JSONScanner.scan(bytes)))
            } catch {
                warn("dropped \(path): \(error)")
                unlink(path)
            }
        }
        return records
    }

    private func path(_ kind: Kind, _ id: String) throws(RPCError) -> String {
        try Self.checked(id: id)
        return "\(directory)/\(kind.rawValue)/\(id).json"
    }

    /// Ids are names of files: fails with `invalidParams` for one that cannot be.
    static func checked(id: String) throws(RPCError) {
        let isPlain = id.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || "_.:-".utf8.contains(byte)
        }
        guard isPlain, (1...200).contains(id.utf8.count), !id.hasPrefix(".") else {
            throw RPCError(.invalidParams, "'\(id)' cannot be an id: letters, digits, '_', '.', ':' and '-' only")
        }
    }

    private func read(_ path: String) throws(RPCError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { throw failure("read \(path)") }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = clinux_read(file, &buffer, buffer.count)
            guard count >= 0 else { throw failure("read \(path)") }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }

    private func names(in folder: String) throws(RPCError) -> [String] {
        guard let stream = opendir(folder) else { throw failure("read \(folder)") }
        defer { closedir(stream) }
        var names: [String] = []
        while let name = clinux_next_name(stream) { names.append(String(cString: name)) }
        guard errno == 0 else { throw failure("read \(folder)") }
        return names.sorted()
    }
}

private let space = UInt8(ascii: " ")

private func failure(_ operation: String) -> RPCError {
    RPCError(.io, "cannot \(operation): \(String(cString: strerror(errno)))")
}
