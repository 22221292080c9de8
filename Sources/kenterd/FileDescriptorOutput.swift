import CLinux
import Glibc

/// Writes text to a descriptor, whole.
enum FileDescriptorOutput {
    static func standardError(_ text: String) { write(Array(text.utf8), to: 2) }

    /// False when the other side is gone.
    @discardableResult
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
