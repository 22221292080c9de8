import CLinux
import Glibc
import KenterProtocol
import Netlink

/// Why a port of the host could not be had.
enum PortRefusal: Error, Sendable, Equatable {
    case taken
    case failed(errno: Int32)
}

/// A bound socket: while it is open, no other program of the host gets the port.
struct HeldSocket: Sendable {
    let descriptor: Int32
    /// As bound: the kernel's choice where 0 was asked for.
    let number: UInt16

    /// Binds a port; TCP sockets listen too, since only then does nobody else get the port.
    static func bind(
        _ transport: Port.TransportProtocol, _ address: IPAddress, _ number: UInt16
    ) throws(PortRefusal) -> HeldSocket {
        let kind =
            (transport == .tcp ? SOCK_STREAM : SOCK_DGRAM).rawValue
            | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let descriptor = socket(Int32(address.family.number), Int32(kind), 0)
        guard descriptor >= 0 else { throw .failed(errno: errno) }
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        if address.family == .ipv6 { setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &on, size) }
        // Only waives the wait after a port's last connection; two sockets that listen never share a port.
        if transport == .tcp { setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size) }
        let status = SocketAddress(address, number).withPointer { Glibc.bind(descriptor, $0, $1) }
        guard status == 0, transport != .tcp || listen(descriptor, 128) == 0 else {
            let reason = errno
            close(descriptor)
            throw reason == EADDRINUSE ? .taken : .failed(errno: reason)
        }
        return HeldSocket(descriptor: descriptor, number: SocketAddress(boundTo: descriptor)?.number ?? number)
    }
}

/// An address and port as system calls take it.
struct SocketAddress: Sendable {
    private var storage = sockaddr_storage()
    private var length: socklen_t

    init(_ address: IPAddress, _ number: UInt16) {
        let bytes = address.bytes
        if address.family == .ipv4 {
            length = socklen_t(MemoryLayout<sockaddr_in>.size)
            var inner = sockaddr_in()
            inner.sin_family = sa_family_t(AF_INET)
            inner.sin_port = number.bigEndian
            withUnsafeMutableBytes(of: &inner.sin_addr) { $0.copyBytes(from: bytes) }
            withUnsafeMutableBytes(of: &storage) { target in withUnsafeBytes(of: inner) { target.copyMemory(from: $0) }
            }
        } else {
            length = socklen_t(MemoryLayout<sockaddr_in6>.size)
            var inner = sockaddr_in6()
            inner.sin6_family = sa_family_t(AF_INET6)
            inner.sin6_port = number.bigEndian
            withUnsafeMutableBytes(of: &inner.sin6_addr) { $0.copyBytes(from: bytes) }
            withUnsafeMutableBytes(of: &storage) { target in withUnsafeBytes(of: inner) { target.copyMemory(from: $0) }
            }
        }
    }

    /// Where a socket is bound; `nil` when the kernel does not say.
    init?(boundTo descriptor: Int32) {
        length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var count = length
        let status = withUnsafeMutableBytes(of: &storage) { bytes in
            getsockname(descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), &count)
        }
        guard status == 0 else { return nil }
        length = count
    }

    /// The port, at the same place in both families.
    var number: UInt16 {
        withUnsafeBytes(of: storage) { UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self)) }
    }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>?, socklen_t) -> Result) -> Result {
        withUnsafeBytes(of: storage) { body($0.baseAddress?.assumingMemoryBound(to: sockaddr.self), length) }
    }
}
