import CLinux
import Glibc
import JSONRPC
import TestSupport
import Testing

/// The engine's root on a disk of its own, which fills up and has room again later, or is read-only.
@Suite struct FullDiskTests {
    private static let changes = [
        ["run", "-d", "--name", "aa", "busybox", "sleep", "1d"], ["network", "create", "made"],
        ["link", "create", "keep", "other:db"],
    ]

    @Test func aFullDiskIsNamedLosesNothingAndIsGotOver() async throws {
        try await Self.withRootOnItsOwnDisk { engine in
            try Self.fill(engine)
            for change in Self.changes {
                try await engine.expectRefusal(
                    change, exit: change[0] == "run" ? 125 : 1, saying: "No space left on device")
            }
            try await Self.expectEverythingKept(engine)
            unlink("\(engine.root)/fill")
            try await Self.expectWorks(engine)
        }
    }

    @Test func aFullDiskKeepsNobodyFromMakingRoomOrFromNotingWhatEnds() async throws {
        try await Self.withRootOnItsOwnDisk { engine in
            try await engine.kenter("run", "-d", "--name", "done", "busybox", "sh", "-c", "sleep 1d & wait; exit 3")
            try await engine.kenter("volume", "create", "gone")
            try Self.fill(engine)
            #expect(try await engine.kenter("exec", "keep", "cat", "/d/f") == "here")
            try await engine.kenter("kill", "done")
            #expect(try await engine.inspect("done")["state"]["exitCode"] == 137)
            try await engine.kenter("rm", "done")
            try await engine.kenter("volume", "rm", "gone")
            for _ in 0..<50 { try await engine.kenter("restart", "-t", "0", "other") }
            await engine.crash()
            try await engine.start()
            try await Self.expectEverythingKept(engine)
        }
    }

    @Test func anEngineWhoseRootIsReadOnlySaysSoAndDoesNotStart() async throws {
        let directory = "/tmp/k-ro-\(UInt32.random(in: 0...0xffffff))"
        mkdir(directory, 0o700)
        try await Command.succeed(["mount", "-t", "tmpfs", "-o", "ro", "none", directory])
        let result = try await Command.run([
            BuildProducts.executable("kenterd"), "--root", directory, "--run", "\(directory)-run",
        ])
        umount2(directory, Int32(MNT_DETACH))
        rmdir(directory)
        try await Command.succeed(["rm", "-rf", "\(directory)-run"])
        #expect(result.exit == 1, "\(result)")
        #expect(result.errors.contains("\(directory): Read-only file system"), "\(result)")
        #expect(result.errors.split(separator: "\n").count == 1, "\(result)")
    }

    private static func withRootOnItsOwnDisk(_ body: (TestEngine) async throws -> Void) async throws {
        try await TestEngine.with { engine in
            try await engine.stop()
            try await Command.succeed(["mount", "-t", "tmpfs", "-o", "size=24m", "none", engine.root])
            do {
                try await engine.start()
                try await engine.load(["busybox"])
                try await engine.kenter("run", "-d", "--name", "other", "--expose", "80", "busybox", "sleep", "1d")
                try await engine.kenter(
                    "run", "-d", "--name", "keep", "-v", "kept:/d", "busybox", "sh", "-c", "echo here >/d/f; sleep 1d")
                let isWritten = try await eventually {
                    try await engine.kenter(["exec", "keep", "cat", "/d/f"]).output == "here\n"
                }
                if !isWritten { throw CommandFailure("the container has not written its file") }
                try await body(engine)
                try await engine.kenter("rm", "-f", "other", "keep")
                try await engine.stop()
                umount2(engine.root, Int32(MNT_DETACH))
            } catch {
                await engine.crash()
                umount2(engine.root, Int32(MNT_DETACH))
                throw error
            }
            try await engine.start()
        }
    }

    private static func fill(_ engine: TestEngine) throws {
        let descriptor = open("\(engine.root)/fill", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        let page = [UInt8](repeating: 0, count: 4096)
        for _ in 0..<10_000 { if write(descriptor, page, page.count) < page.count { return } }
        throw CommandFailure("the disk does not fill up")
    }

    private static func expectEverythingKept(_ engine: TestEngine) async throws {
        #expect(try await engine.kenter("ps", "-q").split(separator: "\n").count == 2)
        #expect(try await engine.inspect("keep")["state"]["status"] == "running")
        #expect(try await engine.kenter("volume", "ls", "-q") == "kept")
        #expect(try await engine.kenter("network", "ls", "-q").split(separator: "\n").count == 1)
    }

    private static func expectWorks(_ engine: TestEngine) async throws {
        #expect(try await engine.kenter("exec", "keep", "cat", "/d/f") == "here")
        try await engine.kenter("link", "create", "keep", "other:db")
        try await engine.kenter("run", "--rm", "-v", "kept:/d", "busybox", "grep", "-q", "here", "/d/f")
        try await engine.kenter("volume", "create", "data")
        try await engine.kenter("network", "create", "made")
    }
}
