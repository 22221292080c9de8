import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import Synchronization
import Threads

/// A socket that hands out connections, from a thread of its own.
final class ListeningSocket: Sendable {
    private let descriptor: Descriptor
    private let isClosed = Atomic(false)
    /// The TCP port as bound; 0 for a Unix socket.
    let port: UInt16
    private let file: SocketFile?

    init(unix path: String) throws {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw RPCError(.invalidParams, "the socket's path has more than 107 bytes: \(path)")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        try SocketFile.removeDead(path)
        descriptor = try Self.bound(AF_UNIX, path) { descriptor in
            withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
        port = 0
        file = SocketFile(path)
    }

    init(tcp host: String, port: UInt16) throws {
        let name = "\(host):\(port)"
        if host == "::1" {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            inet_pton(AF_INET6, host, &address.sin6_addr)
            descriptor = try Self.bound(AF_INET6, name) { descriptor in
                withUnsafePointer(to: &address) { pointer in
                    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                    }
                }
            }
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            inet_pton(AF_INET, host, &address.sin_addr)
            descriptor = try Self.bound(AF_INET, name) { descriptor in
                withUnsafePointer(to: &address) { pointer in
                    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                    }
                }
            }
        }
        self.port = Self.port(of: descriptor.number)
        file = nil
    }

    private static func bound(_ family: Int32, _ name: String, _ bind: (Int32) -> Int32) throws -> Descriptor {
        let number = clinux_stream_socket(family)
        guard number >= 0 else { throw RPCError.system("make", "a socket") }
        let descriptor = Descriptor(owning: number)
        var yes: Int32 = 1
        if family != AF_UNIX { setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size)) }
        guard bind(number) == 0, listen(number, 128) == 0 else {
            throw RPCError.system("listen on", name)
        }
        return descriptor
    }

    private static func port(of descriptor: Int32) -> UInt16 {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard getsockname(descriptor, address, &length) == 0 else { return 0 }
                // The port stands at the same place in both families.
                return UnsafeRawPointer(address).load(fromByteOffset: 2, as: UInt16.self).bigEndian
            }
        }
    }

    /// Calls `body` with every connection, until closed.
    func accept(_ body: @escaping @Sendable (Descriptor) -> Void) {
        DetachedThread.start { [self] in
            while !isClosed.load(ordering: .acquiring) {
                let number = clinux_accept(descriptor.number)
                if number >= 0 {
                    var yes: Int32 = 1
                    // Has no effect, and no use, on a Unix socket.
                    setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
                    body(Descriptor(owning: number))
                } else if [EMFILE, ENFILE, ENOMEM, ENOBUFS].contains(errno) {
                    usleep(50_000)  // Until others have closed some.
                } else if errno != EINTR, errno != ECONNABORTED {
                    return
                }
            }
        }
    }

    /// Removes a Unix socket's file, if it is still the one that was bound here.
    func removeFile() { file?.remove() }

    func close() {
        isClosed.store(true, ordering: .releasing)
        shutdown(descriptor.number, Int32(SHUT_RDWR))
    }
}
