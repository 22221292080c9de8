import CLinux
import Glibc
import Threads

/// A descriptor that is read without holding up anything else.
struct InputReader {
    var descriptor: Int32 = STDIN_FILENO
    /// What errors call it.
    var name = "standard input"
    var chunkBytes = 64 << 10

    /// What is there, waiting for at least one byte; `nil` at the end. An error is none: half a file must not pass for
    /// the whole.
    func read() async throws(CommandFailure) -> [UInt8]? {
        switch await DetachedThread.run({ [self] in readBlocking() }) {
        case .bytes(let bytes): return bytes
        case .end: return nil
        case .failure(let number): throw CommandFailure("cannot read \(name): \(String(cString: strerror(number)))")
        }
    }

    private enum Outcome {
        case bytes([UInt8])
        case end
        case failure(Int32)
    }

    private func readBlocking() -> Outcome {
        var buffer = [UInt8](repeating: 0, count: chunkBytes)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count > 0 {
                buffer.removeLast(buffer.count - count)
                return .bytes(buffer)
            }
            if count == 0 { return .end }
            if errno == EAGAIN {
                var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                poll(&polled, 1, -1)
            } else if errno != EINTR {
                return .failure(errno)
            }
        }
    }
}
