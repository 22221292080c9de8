import Glibc
import TestSupport

/// A directory of its own for one test, removed with all it holds.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/kenter-links-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        guard let made else { throw Failure() }
        path = made
    }

    deinit { Self.remove(path) }

    /// Depth first, never following links; what cannot be removed shows in the directory of temporary files.
    private static func remove(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFDIR {
            for name in TextFile.names(in: path) { remove("\(path)/\(name)") }
        }
        _ = Glibc.remove(path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    struct Failure: Error {}
}
