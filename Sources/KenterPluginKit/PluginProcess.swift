import Glibc
package import JSONRPC
import KenterProtocol

extension Plugin {
    /// Serves the engine on standard input and output until it goes away; then ends the process.
    ///
    /// From here on, file descriptor 1 is standard error and 0 is empty: what this process or its children print or
    /// read by accident does not touch the protocol.
    public func main() -> Never {
        // A channel whose reader is gone shows as an error of write(2).
        signal(SIGPIPE, SIG_IGN)
        let reading = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
        let writing = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
        guard reading >= 0, writing >= 0 else {
            StandardError.write("\(identity.name) is a plugin: the engine starts it with its standard input and output")
            exit(2)
        }
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        if null >= 0 { dup2(null, STDIN_FILENO) }
        dup2(STDERR_FILENO, STDOUT_FILENO)

        let channel = ByteChannel(reading: Descriptor(owning: reading), writing: Descriptor(owning: writing))
        let connection = serve(channel) {
            fflush(nil)
            _exit(0)
        }
        waitForHangUp(of: channel.descriptor)
        // Calls in flight get a moment to finish, then a moment to be cancelled: an orphan must not stay.
        sleep(4)
        connection.close()
        sleep(1)
        StandardError.write("\(identity.name): ended with calls unanswered 5 s after the engine had gone")
        _exit(1)
    }

    /// Serves one channel; `end` is called once the peer has closed it and every call is answered.
    package func serve(_ channel: ByteChannel, end: @escaping @Sendable () -> Void) -> Connection {
        let connection = Connection(channel, limits: .plugin, handler: PluginServer(self, end: end))
        connection.start()
        return connection
    }

    /// Returns once nobody can write to the other end any more; never for a file, which has no other end.
    private func waitForHangUp(of descriptor: Int32) {
        // POLLRDHUP, hidden without _GNU_SOURCE: a socket whose peer has finished writing.
        let peerFinished: Int16 = 0x2000
        var polled = pollfd(fd: descriptor, events: peerFinished, revents: 0)
        while poll(&polled, 1, -1) < 0 && errno == EINTR {}
    }
}

/// The plugin's own log, collected by the engine.
enum StandardError {
    static func write(_ line: String) {
        var rest = Array("\(line)\n".utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
