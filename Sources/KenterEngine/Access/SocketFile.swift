import CLinux
import Glibc
import JSONRPC
import KenterProtocol

/// The file of a Unix socket: told apart from another one at the same path by where it lies.
struct SocketFile: Sendable {
    private let path: String
    private let device: dev_t
    private let inode: ino_t

    /// The socket that is at this path now; `nil` when there is none.
    init?(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
        (self.path, device, inode) = (path, status.st_dev, status.st_ino)
    }

    /// Removes the socket, but nothing that has taken its place.
    func remove() {
        if let present = SocketFile(path), present.device == device, present.inode == inode { unlink(path) }
    }

    /// Makes room at a path: removes a socket of this user that a dead engine has left, and refuses anything else.
    static func removeDead(_ path: String) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw RPCError.system("look at", path)
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw RPCError(.conflict, "\(path) is there and is no socket: move it away, or name another --socket")
        }
        guard status.st_uid == geteuid() else {
            throw RPCError(
                .conflict, "\(path) is a socket of user \(status.st_uid): remove it, or name another --socket")
        }
        guard isDead(path) else {
            throw RPCError(.conflict, "somebody listens on \(path) already: stop that, or name another --socket")
        }
        guard unlink(path) == 0 || errno == ENOENT else {
            throw RPCError.system("remove", path)
        }
    }

    /// Whether nobody listens any more: only then does the kernel refuse a connection.
    private static func isDead(_ path: String) -> Bool {
        let descriptor = Descriptor(owning: clinux_stream_socket(AF_UNIX))
        // One that is alive but busy must not be waited for.
        _ = fcntl(descriptor.number, F_SETFL, O_NONBLOCK)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor.number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return status != 0 && errno == ECONNREFUSED
    }
}
