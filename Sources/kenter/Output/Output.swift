import CLinux
import Glibc

/// Standard output and error, unbuffered: what is written is there, whatever ends this process next.
enum Output {
    static func write(_ text: String) { write(Array(text.utf8), to: STDOUT_FILENO) }
    static func line(_ text: String) { write(text + "\n") }
    static func errorLine(_ text: String) { write(Array((text + "\n").utf8), to: STDERR_FILENO) }

    /// Writes all of it, waiting for the reader where need be.
    static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                Glibc.write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count >= 0 {
                written += count
            } else if errno == EAGAIN {
                // Somebody else made the shared descriptor non-blocking.
                var polled = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&polled, 1, -1)
            } else if errno != EINTR {
                // As if killed by the signal that is ignored here, so that the terminal is restored.
                if errno == EPIPE, descriptor == STDOUT_FILENO { exit(128 + SIGPIPE) }
                return
            }
        }
    }
}
