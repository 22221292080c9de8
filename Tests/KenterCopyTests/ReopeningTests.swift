import CLinux
import Glibc
import TestSupport
import Testing

@testable import kenter_copy

@Suite struct ReopeningTests {
    @Test func `what is read is what was looked at, whatever its name is by then`() async throws {
        try await CopyScene.with { scene in
            let path = "\(scene.path)/file"
            try TextFile.write("mine", to: path)
            let object = open(path, clinux_O_PATH | O_NOFOLLOW | O_CLOEXEC)
            defer { close(object) }
            unlink(path)
            #expect(mknod(path, S_IFCHR | 0o600, 1 << 8 | 3) == 0)
            let file = try Reopening().open(object, O_RDONLY | O_NONBLOCK)
            defer { close(file) }
            var bytes = [UInt8](repeating: 0, count: 8)
            #expect(read(file, &bytes, bytes.count) == 4 && bytes.prefix(4).elementsEqual("mine".utf8))
        }
    }
}
