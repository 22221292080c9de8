import CLinux
import Glibc

/// Unix sockets in directories whose paths may be longer than the 107 bytes that fit an address.
enum LocalSocket {
    /// Connects to the packet socket `name` in `directory`; -1 with errno, EAGAIN where nobody accepts.
    static func connectPackets(to name: String, in directory: String) -> Int32 {
        open(.connect, Int32(SOCK_SEQPACKET.rawValue), name, in: directory)
    }

    /// Listens at `name` in `directory`; -1 with errno.
    static func listenStream(at name: String, in directory: String) -> Int32 {
        open(.listen, Int32(SOCK_STREAM.rawValue), name, in: directory)
    }

    private enum Use {
        case connect
        case listen
    }

    private static func open(_ use: Use, _ kind: Int32, _ name: String, in directory: String) -> Int32 {
        let parent = Glibc.open(directory, clinux_O_PATH | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else { return -1 }
        defer { close(parent) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array("/proc/self/fd/\(parent)/\(name)".utf8)
        guard path.count < MemoryLayout.size(ofValue: address.sun_path) else {
            errno = ENAMETOOLONG
            return -1
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let descriptor = socket(AF_UNIX, kind | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return -1 }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                let length = socklen_t(MemoryLayout<sockaddr_un>.size)
                // A listener that takes nobody any more would hold this thread for ever.
                if use == .connect { return clinux_connect(descriptor, pointer, length, 1000) }
                return bind(descriptor, pointer, length) == 0 ? listen(descriptor, 1) : -1
            }
        }
        if status == 0 { return descriptor }
        let error = errno
        close(descriptor)
        errno = error
        return -1
    }
}
