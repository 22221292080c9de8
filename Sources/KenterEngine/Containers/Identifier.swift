import CLinux
import Glibc

/// Random ids.
enum Identifier {
    /// So many lower-case hexadecimal digits from the system's random source.
    static func hex(digits: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("0123456789abcdef".utf8)
        return String(
            decoding: (0..<digits).map { _ in alphabet[Int(generator.next() & 15)] }, as: UTF8.self)
    }
}
