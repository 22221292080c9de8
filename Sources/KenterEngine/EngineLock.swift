import CLinux
import Glibc
import JSONRPC
import KenterProtocol

/// Keeps a second engine away from a directory for as long as this process lives.
package final class EngineLock: Sendable {
    private let descriptor: Descriptor

    /// - Parameters:
    ///   - path: The lock's file, which is made.
    ///   - directory: What it is for.
    ///   - flag: With which another one is named.
    ///
    /// Fails with `conflict`, and a text that names the process which has it.
    init(_ path: String, of directory: String, flag: String) throws {
        let number = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard number >= 0 else { throw EngineDirectories.failure("cannot open \(path)") }
        descriptor = Descriptor(owning: number)
        var status = stat()
        guard fstat(number, &status) == 0, status.st_uid == geteuid() else {
            throw RPCError(.permission, "\(path) belongs to another user")
        }
        guard try Self.isTaken(number, path) else {
            throw RPCError(
                .conflict,
                "another engine\(Self.holder(path).map { " (process \($0))" } ?? "") owns \(directory): use that one, stop "
                    + "it, or choose another \(flag)")
        }
        ftruncate(number, 0)
        let text = Array("\(getpid())\n".utf8)
        _ = pwrite(number, text, text.count, 0)
    }

    /// Whether the lock could be taken; somebody who only looks holds it up for a moment.
    private static func isTaken(_ descriptor: Int32, _ path: String) throws -> Bool {
        for _ in 0..<20 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            guard errno == EWOULDBLOCK || errno == EINTR else { throw RPCError.system("lock", path) }
            usleep(5_000)
        }
        return false
    }

    /// The process that took the lock last; `nil` with errno where that cannot be read.
    package static func holder(_ path: String) -> Int32? {
        SmallFile.readText(path, limitBytes: 32).flatMap { Int32($0.prefix { $0.isNumber }) }
    }

    /// Whether an engine has the root now.
    package static func isHeld(_ path: String) -> Bool {
        let number = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard number >= 0 else { return false }
        defer { close(number) }
        // Shared, so that two who only look do not see each other.
        return flock(number, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }
}
