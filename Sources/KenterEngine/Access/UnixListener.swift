import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import Logging
import Synchronization
import Threads

/// Accepts clients on a Unix socket and checks who they are.
final class UnixListener: Sendable {
    private let socket: ListeningSocket

    /// Binds `path`, in place of a socket that a dead engine left there.
    init(path: String, directories: EngineDirectories, clients: ClientRegistry, log: Logger) throws {
        let check = PeerCheck()
        socket = try ListeningSocket(unix: path)
        if let group = check.socketGroup {
            chown(path, geteuid(), group)
            // Members must be able to reach the socket, and nothing else there that is not theirs. Any other directory
            // is not ours to give away.
            if path.hasPrefix(directories.run + "/") {
                chown(directories.run, geteuid(), group)
                chmod(directories.run, 0o750)
            }
            chmod(path, 0o660)
        } else {
            chmod(path, 0o600)
        }
        socket.accept { descriptor in
            guard let uid = check.user(of: descriptor.number) else {
                log.warning("refused a client that is neither root nor in the group \(PeerCheck.groupName)")
                return
            }
            clients.serve(ByteChannel(socket: descriptor), uid: uid)
        }
    }

    func close() {
        socket.close()
        socket.removeFile()
    }
}
