import CLinux
import Glibc

/// A network namespace held open by a descriptor.
public struct NetworkNamespace: ~Copyable, Sendable {
    let descriptor: Int32
    private let path: String

    /// Opens the file a namespace is mounted on, or `/proc/…/ns/net`.
    public init(path: String) throws(NetlinkError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw NetlinkError("open the network namespace \(path)", errno: errno) }
    }

    deinit { close(descriptor) }

    /// Runs `body` with the calling thread moved into the namespace, and moves the thread back.
    ///
    /// Sockets opened and files below `/proc/sys/net` opened by `body` belong to the namespace. A thread that cannot
    /// return would do all its later work in the wrong place, so the process ends then.
    public func run<Result: ~Copyable>(
        _ body: () throws(NetlinkError) -> Result
    ) throws(NetlinkError) -> Result {
        let home = try NetworkNamespace(path: "/proc/thread-self/ns/net")
        guard clinux_setns(descriptor, CLONE_NEWNET) == 0 else {
            throw NetlinkError("enter the network namespace \(path)", errno: errno)
        }
        defer {
            if clinux_setns(home.descriptor, CLONE_NEWNET) != 0 {
                fatalError("cannot leave a network namespace: \(String(cString: strerror(errno)))")
            }
        }
        return try body()
    }
}

/// Settings of the kernel below `/proc/sys`; those of `net` are the calling thread's namespace's.
public enum KernelSetting {
    /// Writes `value` to `/proc/sys/<name>`, where `name` is a path such as `net/ipv4/ip_forward`.
    public static func set(_ name: String, to value: String) throws(NetlinkError) {
        let file = open("/proc/sys/\(name)", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { throw NetlinkError("set \(name) to \(value)", errno: errno) }
        defer { close(file) }
        let bytes = Array(value.utf8)
        guard write(file, bytes, bytes.count) == bytes.count else {
            throw NetlinkError("set \(name) to \(value)", errno: errno)
        }
    }

    /// The setting's text without the newline at its end; `nil` where the kernel has no such setting.
    public static func get(_ name: String) -> String? {
        let file = open("/proc/sys/\(name)", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(file, &bytes, bytes.count)
        guard count >= 0 else { return nil }
        return String(decoding: bytes[..<count].prefix { $0 != 10 }, as: UTF8.self)
    }
}
