import CLinux
import CLinux
import Glibc
package import JSONRPC
import KenterProtocol

/// Writes a container's hosts file, which is mounted into the container and may be changed from inside.
package enum HostsFileEditor {
    package enum Outcome: Sendable, Equatable {
        case unchanged
        case written
        /// Not what the engine made any more; why, as it follows "the hosts file of web was left alone: ".
        case leftAlone(String)
    }

    static let limitBytes = 1 << 20

    /// Makes the file anew; whoever has the old one mounted keeps that.
    package static func create(_ path: String, _ text: [UInt8]) throws(RPCError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw RPCError.system("replace", path) }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw RPCError.system("make", path) }
        defer { close(descriptor) }
        // Whatever the umask says: every user of the container reads it.
        fchmod(descriptor, 0o644)
        try write(text[...], at: 0, descriptor, path)
    }

    /// Changes the file in place, from its first changed byte on.
    ///
    /// The file is not replaced, since a mount holds on to it. Only a regular file of one name and up to 1 MiB is
    /// touched: what is mounted into a container is the container's to play with.
    package static func edit(_ path: String, _ change: ([UInt8]) -> [UInt8]) throws(RPCError) -> Outcome {
        let descriptor = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ELOOP { return .leftAlone("it is a symbolic link") }
            if errno == ENOENT { return .leftAlone("it does not exist") }
            // Waiting for whoever has the lease would let a container hold up the engine.
            if errno == EAGAIN { return .leftAlone("somebody holds a lease on it") }
            throw RPCError.system("open", path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw RPCError.system("examine", path) }
        guard status.st_mode & S_IFMT == S_IFREG else { return .leftAlone("it is not a regular file") }
        guard status.st_nlink == 1 else { return .leftAlone("it has \(status.st_nlink) names") }
        guard status.st_size <= limitBytes else { return .leftAlone("it has more than \(limitBytes) bytes") }
        let old = try read(descriptor, size: Int(status.st_size), path)
        let new = change(old)
        guard new != old else { return .unchanged }
        try replace(old, with: new, descriptor, path)
        return .written
    }

    /// A reader at this very moment may see old and new bytes mixed in the changed tail, but never a line missing
    /// before it, and no shorter file than it had: padding lines are blank.
    private static func replace(
        _ old: [UInt8], with new: [UInt8], _ descriptor: Int32, _ path: String
    ) throws(RPCError) {
        let size = max(old.count, new.count)
        let start = zip(old, new).prefix { $0 == $1 }.count
        let padding = [UInt8](repeating: UInt8(ascii: "\n"), count: size)
        // Growing comes first: on a full disk it fails, with nothing lost.
        try write(padding[old.count...], at: old.count, descriptor, path)
        try write((new[start...] + padding[new.count...])[...], at: start, descriptor, path)
        guard ftruncate(descriptor, off_t(new.count)) == 0 else { throw RPCError.system("cut", path) }
    }

    private static func read(_ descriptor: Int32, size: Int, _ path: String) throws(RPCError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: size)
        var filled = 0
        while filled < size {
            let count = bytes.withUnsafeMutableBytes { buffer in
                pread(descriptor, buffer.baseAddress?.advanced(by: filled), size - filled, off_t(filled))
            }
            if count == 0 { break }
            if count < 0 && errno != EINTR { throw RPCError.system("read", path) }
            filled += max(0, count)
        }
        return Array(bytes[..<filled])
    }

    private static func write(
        _ bytes: ArraySlice<UInt8>, at offset: Int, _ descriptor: Int32, _ path: String
    ) throws(RPCError) {
        var rest = bytes
        while !rest.isEmpty {
            let position = off_t(offset + bytes.count - rest.count)
            let count = rest.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, position) }
            if count < 0 && errno != EINTR { throw RPCError.system("write", path) }
            rest = rest.dropFirst(max(0, count))
        }
    }
}
