import CLinux
import Glibc

/// Extended attributes, as the tests look at them.
enum ExtendedAttribute {
    /// Their names, sorted.
    static func names(of path: String) -> [String] {
        var buffer = [CChar](repeating: 0, count: 65_536)
        let count = llistxattr(path, &buffer, buffer.count)
        let bytes = buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
        return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.sorted()
    }

    static func value(_ name: String, of path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = lgetxattr(path, name, &buffer, buffer.count)
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }
}
