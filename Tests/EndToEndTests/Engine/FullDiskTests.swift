import CLinux
import Glibc
import JSONRPC
import TestSupport
import Testing

/// The engine's root on a disk of its own, which fills up and has room again later, or is read-only.
@Suite struct FullDiskTests {
    private static let changes = [
        ["run", "-d", "--name", "aa", "busybox", "sleep", "1d"], ["network", "create", "made"],
        ["link", "create", "keep", "other:db"], ["volume", "create", "data"], ["network", "connect", "back", "keep"],
    ]

    @Test func aFullDiskIsNamedLosesNothingAndIsGotOver() async throws {
        try await Self.withRootOnItsOwnDisk { engine in
            let rootfs = try await Command.succeed([BuildProducts.fixture("images/build"), "busybox"]).line
            let archive = "\(engine.directory)/archive"
            let registry = try await Registry(in: engine)
            try await registry.push(rootfs, as: ["some/image:tag"])
            try await registry.save("some/image:tag", as: "docker-archive:\(archive):some/image:tag")
            registry.stop()
            try await engine.kenter("network", "create", "back")
            try Self.fill(engine)
            try Self.fillWithNames(engine)
            for change in Self.changes + [["import", rootfs, "imported"], ["load", archive]] {
                try await engine.expectRefusal(
                    change, exit: change[0] == "run" ? 125 : 1, saying: "No space left on device")
            }
            #expect(try await engine.kenter("images", "-q").split(separator: "\n").count == 1)
            #expect(TextFile.names(in: "\(engine.root)/tmp").isEmpty)
            try await Self.expectEverythingKept(engine, networks: 2)
            unlink("\(engine.root)/fill")
            try await Command.succeed(["rm", "-r", "\(engine.root)/names"])
            try await Self.expectWorks(engine)
            try await engine.kenter("network", "connect", "back", "keep")
            try await engine.kenter("load", archive)
            try await engine.kenter("import", rootfs, "imported")
            try await engine.kenter("run", "--rm", "some/image:tag", "true")
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
        #expect(result.errors.contains("\(directory)/lock: Read-only file system; the engine needs"), "\(result)")
        #expect(result.errors.split(separator: "\n").count == 1, "\(result)")
    }

    /// As after an error of the disk: the kernel takes no more writes, not even to files that are open.
    @Test func aRootThatBecomesReadOnlyIsNamedAndLosesNothing() async throws {
        try await TestEngine.with { engine in
            let disk = "\(engine.directory)/disk"
            try await Command.succeed(["truncate", "-s", "64M", disk])
            try await Command.succeed(["mkfs.ext4", "-q", disk])
            let mount = ["mount", "-o", "loop,errors=remount-ro", disk, engine.root]
            try await Self.withRootOnItsOwnDisk(engine, mount) {
                try await engine.kenter("network", "create", "back")
                try await Command.succeed(["sync", "--file-system", engine.root])
                try await Self.fail(engine.root)
                try await Self.expectReadable(engine)
                for change in Self.changes + [
                    ["stop", "-t", "0", "other"], ["rm", "-f", "other"], ["exec", "keep", "true"],
                ] {
                    let result = try await engine.kenter(change)
                    #expect(result.exit != 0 && result.errors.lowercased().contains("read-only"), "\(result)")
                    #expect(result.errors.split(separator: "\n").count <= 2, "\(result)")
                }
                try await Self.expectReadable(engine)

                // It can be written to again only when nobody uses it.
                var pids: [Int64] = []
                for name in ["keep", "other"] {
                    pids.append(try await engine.inspect(name)["state"]["pid"].integer ?? 0)
                }
                await engine.crash()
                for pid in pids where pid > 0 { kill(Int32(pid), SIGKILL) }
                #expect(await eventually { engine.containerProcesses.isEmpty })
                for mountPoint in engine.mountPoints.reversed() { umount2(mountPoint, Int32(MNT_DETACH)) }
                umount2(engine.root, Int32(MNT_DETACH))
                let isFree = try await eventually {
                    try await Command.run(["losetup", "--associated", disk]).lines.isEmpty
                }
                #expect(isFree)
                try await Command.succeed(mount)
                try await engine.start()
                #expect(try await engine.kenter("ps", "-aq").split(separator: "\n").count == 2)
                try await engine.kenter("start", "other", "keep")
                try await Self.expectEverythingKept(engine, networks: 2)
                try await Self.expectWorks(engine)
                try await engine.kenter("network", "connect", "back", "keep")
            }
        }
    }

    /// Has the kernel find an error on a disk.
    private static func fail(_ mountPoint: String) async throws {
        let source = try await Command.succeed(["findmnt", "-n", "-o", "SOURCE", mountPoint]).line
        let device = source.split(separator: "/").last ?? ""
        let trigger = open("/sys/fs/ext4/\(device)/trigger_fs_error", O_WRONLY | O_CLOEXEC)
        guard trigger >= 0, write(trigger, "1", 1) == 1 else {
            throw CommandFailure("\(source) cannot be made to fail")
        }
        close(trigger)
        let probe = open("\(mountPoint)/probe", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard probe < 0, errno == EROFS else { throw CommandFailure("\(mountPoint) is not read-only") }
    }

    private static func expectReadable(_ engine: TestEngine) async throws {
        try await expectEverythingKept(engine, networks: 2)
        #expect(try await engine.kenter(["logs", "keep"]).exit == 0)
        #expect(try await engine.kenter("images", "-q").split(separator: "\n").count == 1)
    }

    private static func withRootOnItsOwnDisk(_ body: (TestEngine) async throws -> Void) async throws {
        try await TestEngine.with { engine in
            let mount = ["mount", "-t", "tmpfs", "-o", "size=24m,nr_inodes=4096", "none", engine.root]
            try await withRootOnItsOwnDisk(engine, mount) { try await body(engine) }
        }
    }

    private static func withRootOnItsOwnDisk(
        _ engine: TestEngine, _ mount: [String], _ body: () async throws -> Void
    ) async throws {
        try await engine.stop()
        try await Command.succeed(mount)
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
            try await body()
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

    private static func fill(_ engine: TestEngine) throws {
        let descriptor = open("\(engine.root)/fill", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        let page = [UInt8](repeating: 0, count: 4096)
        for _ in 0..<10_000 { if write(descriptor, page, page.count) < page.count { return } }
        throw CommandFailure("the disk does not fill up")
    }

    /// So that not even an empty directory can be made.
    private static func fillWithNames(_ engine: TestEngine) throws {
        mkdir("\(engine.root)/names", 0o700)
        for number in 0..<10_000 {
            let descriptor = open("\(engine.root)/names/\(number)", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { return }
            close(descriptor)
        }
        throw CommandFailure("the disk does not fill up")
    }

    private static func expectEverythingKept(_ engine: TestEngine, networks: Int = 1) async throws {
        #expect(try await engine.kenter("ps", "-q").split(separator: "\n").count == 2)
        #expect(try await engine.inspect("keep")["state"]["status"] == "running")
        #expect(try await engine.kenter("volume", "ls", "-q") == "kept")
        #expect(try await engine.kenter("network", "ls", "-q").split(separator: "\n").count == networks)
    }

    private static func expectWorks(_ engine: TestEngine) async throws {
        #expect(try await engine.kenter("exec", "keep", "cat", "/d/f") == "here")
        try await engine.kenter("link", "create", "keep", "other:db")
        try await engine.kenter("run", "--rm", "-v", "kept:/d", "busybox", "grep", "-q", "here", "/d/f")
        try await engine.kenter("volume", "create", "data")
        try await engine.kenter("network", "create", "made")
    }
}
