import CLinux
import ChildProcess
import Glibc
package import JSONRPC
import KenterProtocol

/// Open descriptors to an engine, authenticated where that is needed: bytes written now are requests.
package struct EngineTransport: Sendable {
    package let reading: Descriptor
    package let writing: Descriptor
    /// Whether both are the same socket.
    package let isSocket: Bool
    /// The engine's process, where it was started for this transport.
    let child: Int32?
    /// Bytes that came before the caller could read.
    package let received: [UInt8]

    /// Reaches the engine at `address`; blocks for as long as that takes, on the same machine.
    package static func open(_ address: EngineAddress) throws(EngineConnectError) -> EngineTransport {
        switch address {
        case .unix(let path): return EngineTransport(try connect(unix: path, address))
        case .tcp(let host, let port, let cookie):
            let path = cookie ?? "\(EngineAddress.runDirectory)/cookie"
            let socket = try connect(host: host, port: port, address)
            return try EngineCookie.read(path, address).authenticate(socket, host: host, port: port, address)
        case .stdio(let arguments): return try spawn(arguments, address)
        }
    }

    init(_ socket: Descriptor, received: [UInt8] = []) {
        self.init(reading: socket, writing: socket, isSocket: true, child: nil, received: received)
    }

    private init(reading: Descriptor, writing: Descriptor, isSocket: Bool, child: Int32?, received: [UInt8]) {
        self.reading = reading
        self.writing = writing
        self.isSocket = isSocket
        self.child = child
        self.received = received
    }

    /// Tells the engine that nothing more will be asked; it answers what it has, then ends.
    package func finishWriting() {
        if isSocket {
            shutdown(writing.number, Int32(SHUT_WR))
        } else {
            // Replaced rather than closed: the number stays ours, whoever may be about to write to it.
            let null = Glibc.open("/dev/null", O_WRONLY | O_CLOEXEC)
            guard null >= 0 else { return }
            dup2(null, writing.number)
            _ = fcntl(writing.number, F_SETFD, FD_CLOEXEC)
            close(null)
        }
    }

    private static func connect(unix path: String, _ address: EngineAddress) throws(EngineConnectError) -> Descriptor {
        var target = sockaddr_un()
        target.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: target.sun_path) else {
            throw EngineConnectError(.invalidAddress, "the socket path \(path) is too long: at most 107 bytes")
        }
        withUnsafeMutableBytes(of: &target.sun_path) { $0.copyBytes(from: path.utf8) }
        return try connect(AF_UNIX, &target, address)
    }

    private static func connect(
        host: String, port: UInt16, _ address: EngineAddress
    ) throws(EngineConnectError) -> Descriptor {
        if host == "[::1]" {
            var target = sockaddr_in6()
            target.sin6_family = sa_family_t(AF_INET6)
            target.sin6_port = port.bigEndian
            target.sin6_addr = in6addr_loopback
            return try connect(AF_INET6, &target, address)
        }
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = port.bigEndian
        target.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return try connect(AF_INET, &target, address)
    }

    private static func connect<Target>(
        _ family: Int32, _ target: inout Target, _ address: EngineAddress
    ) throws(EngineConnectError) -> Descriptor {
        let number = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw .notRunning(address, String(cString: strerror(errno))) }
        let descriptor = Descriptor(owning: number)
        let status = withUnsafePointer(to: &target) { target in
            target.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(number, $0, socklen_t(MemoryLayout<Target>.size))
            }
        }
        guard status == 0 else {
            if errno == EACCES {
                let text = "you may not talk to the engine at \(address): become root, or join the group 'kenter'"
                throw EngineConnectError(.refused, text)
            }
            throw .notRunning(address, String(cString: strerror(errno)))
        }
        if family != AF_UNIX {
            var yes: Int32 = 1
            setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        }
        return descriptor
    }

    // MARK: a child of one's own

    private static func spawn(
        _ arguments: [String], _ address: EngineAddress
    ) throws(EngineConnectError) -> EngineTransport {
        guard let executable = findEngine() else {
            let text = "'kenterd' is neither beside this program nor on PATH: install it, or name an engine with --host"
            throw EngineConnectError(.notRunning, text)
        }
        guard let requests = Pipe(), let answers = Pipe() else {
            throw .notRunning(address, String(cString: strerror(errno)))
        }
        let process = ChildProcess(
            executable, ["--stdio"] + arguments, environment: environment,
            descriptors: [0: requests.reading.number, 1: answers.writing.number, 2: 2])
        do {
            let child = try process.spawn()
            return EngineTransport(
                reading: answers.reading, writing: requests.writing, isSocket: false, child: child, received: [])
        } catch {
            throw .notRunning(address, error.description)
        }
    }

    /// `kenterd` beside this program, else the first on PATH.
    private static func findEngine() -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let own = String(decoding: buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        let path = getenv("PATH").map { String(cString: $0) } ?? ChildProcess.searchPath
        let directories = [own.lastIndex(of: "/").map { own[..<$0] } ?? ""] + path.split(separator: ":")
        for directory in directories where directory.hasPrefix("/") {
            if access("\(directory)/kenterd", X_OK) == 0 { return "\(directory)/kenterd" }
        }
        return nil
    }

    /// What this process was started with: an engine of one's own belongs to the same user.
    private static var environment: [String] {
        var entries: [String] = []
        var entry = environ
        while let text = entry.pointee {
            entries.append(String(cString: text))
            entry += 1
        }
        return entries
    }
}

private struct Pipe {
    let reading: Descriptor
    let writing: Descriptor

    init?() {
        var ends: [Int32] = [-1, -1]
        guard clinux_pipe(&ends) == 0 else { return nil }
        reading = Descriptor(owning: ends[0])
        writing = Descriptor(owning: ends[1])
    }
}
