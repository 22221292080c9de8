import CLinux
import Glibc
import Threads

/// A descriptor that is read without holding up anything else.
struct InputReader {
    var descriptor: Int32 = STDIN_FILENO
    var chunkBytes = 64 << 10

    /// What is there, waiting for at least one byte; `nil` at the end or after an error.
    func read() async -> [UInt8]? {
        await DetachedThread.run { [descriptor, chunkBytes] in
            var buffer = [UInt8](repeating: 0, count: chunkBytes)
            while true {
                let count = Glibc.read(descriptor, &buffer, buffer.count)
                if count > 0 {
                    buffer.removeLast(buffer.count - count)
                    return buffer
                }
                if count == 0 || (errno != EINTR && errno != EAGAIN) { return nil }
                if errno == EAGAIN {
                    var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                    poll(&polled, 1, -1)
                }
            }
        }
    }
}
