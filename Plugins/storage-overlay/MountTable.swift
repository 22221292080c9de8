import CLinux
import Glibc

/// What this mount namespace has mounted, as /proc/self/mountinfo lists it (proc(5)).
enum MountTable {
    /// Where an overlay with that upper directory is mounted; `nil` when nowhere. The path may be the end of an
    /// absolute one.
    static func mountPoint(ofUpperDirectory upper: String) -> String? {
        for line in read().split(separator: UInt8(ascii: "\n")) {
            let line = String(decoding: line, as: UTF8.self)
            guard line.contains("upperdir="), line.contains("/\(upper)") || line.contains("=\(upper)") else { continue }
            let fields = line.split(separator: " ")
            let isUpper = fields.last?.split(separator: ",").contains { option in
                option == "upperdir=\(upper)" || (option.hasPrefix("upperdir=") && option.hasSuffix("/\(upper)"))
            }
            if isUpper ?? false, fields.count > 4 { return String(fields[4]) }
        }
        return nil
    }

    private static func read() -> [UInt8] {
        let file = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count <= 0 { return bytes }
            bytes += buffer[..<count]
        }
    }
}
