import CLinux
import Glibc
import JSONRPC
import KenterProtocol

/// Keeps a second engine away from a root for as long as this process lives.
final class EngineLock: Sendable {
    private let descriptor: Descriptor

    /// Fails with a text that names the process which holds the root.
    init(_ path: String, root: String) throws {
        let number = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard number >= 0 else { throw RPCError(.io, "cannot open \(path): \(String(cString: strerror(errno)))") }
        descriptor = Descriptor(owning: number)
        var status = stat()
        guard fstat(number, &status) == 0, status.st_uid == geteuid() else {
            throw RPCError(.permission, "\(path) belongs to another user")
        }
        guard flock(number, LOCK_EX | LOCK_NB) == 0 else {
            let holder = (SmallFile.readText(path, limitBytes: 32) ?? "").prefix { $0.isNumber }
            throw RPCError(
                .conflict,
                "another engine\(holder.isEmpty ? "" : " (process \(holder))") owns \(root): use that one, stop it, "
                    + "or choose another --root")
        }
        ftruncate(number, 0)
        let text = Array("\(getpid())\n".utf8)
        _ = pwrite(number, text, text.count, 0)
    }
}
