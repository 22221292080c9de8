import CLinux
import Glibc

/// What the kernel refused, and why.
public struct NetlinkError: Error, Sendable, CustomStringConvertible {
    /// What was asked for, as the rest of "cannot …": `add route 10.0.0.0/8`.
    public var operation: String
    /// The error number of errno(3), positive.
    public var errno: Int32
    /// The kernel's own sentence, empty where it gave none.
    public var detail: String

    public init(_ operation: String, errno: Int32, detail: String = "") {
        self.operation = operation
        self.errno = errno
        self.detail = detail
    }

    public var description: String {
        let reason = String(cString: strerror(errno))
        return detail.isEmpty ? "cannot \(operation): \(reason)" : "cannot \(operation): \(reason) (\(detail))"
    }
}
