import ChildProcess
import Glibc
import KenterEngine
import KenterProtocol
import TestSupport
import Testing

struct HostsFileEditorTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.file("hosts") }

    init() throws { directory = try TemporaryDirectory() }

    private func inode(_ path: String) -> ino_t {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_ino : 0
    }

    private func edit(_ path: String, to text: String) throws -> HostsFileEditor.Outcome {
        try HostsFileEditor.edit(path) { _ in Array(text.utf8) }
    }

    @Test(arguments: [
        ("one\ntwo\nthree\n", "one\n2\nthree\n"), ("one\ntwo\n", "one\ntwo\nthree and more\n"), ("", "x\n"),
        ("one\ntwo\n", ""), ("a\nb\n", "b\n"), ("short\n", String(repeating: "long\n", count: 5_000)),
    ])
    func `the file holds the new text, in the same inode`(before: String, after: String) throws {
        try TextFile.write(before, to: path)
        let inode = inode(path)
        #expect(try edit(path, to: after) == .written)
        #expect(TextFile.read(path) == after)
        #expect(self.inode(path) == inode)
    }

    @Test func `a change that changes nothing does not touch the file`() throws {
        try TextFile.write("one\n", to: path)
        chmod(path, 0o444)
        #expect(try edit(path, to: "one\n") == .unchanged)
    }

    @Test func `a reader never misses a line before the first changed one, nor finds less than there was`() async throws
    {
        let path = path
        let lines = (0..<400).map { "10.0.\($0 / 250).\($0 % 250)\thost\($0)\n" }
        let first = lines.joined()
        let second = lines[..<200].joined() + "192.168.0.1\tmoved\n" + lines[201...].joined()
        let third = lines[..<200].joined() + "192.168.100.100\tmoved-again somewhere\n" + lines[201...].joined()
        try TextFile.write(first, to: path)
        let prefix = lines[..<200].joined()
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                for round in 0..<300 {
                    let text = round % 2 == 0 ? second : third
                    _ = try HostsFileEditor.edit(path) { _ in Array(text.utf8) }
                }
                return 0
            }
            group.addTask {
                var broken = 0
                for _ in 0..<600 {
                    let text = TextFile.read(path)
                    if !text.hasPrefix(prefix) || text.utf8.count < min(first.utf8.count, second.utf8.count) {
                        broken += 1
                    }
                }
                return broken
            }
            for try await broken in group { #expect(broken == 0) }
        }
        #expect(TextFile.read(path) == third)
    }

    @Test func `what is no plain file of one name is left alone`() throws {
        let target = directory.file("target")
        try TextFile.write("secret\n", to: target)
        symlink(target, path)
        #expect(try edit(path, to: "x\n") == .leftAlone("it is a symbolic link"))
        unlink(path)
        link(target, path)
        #expect(try edit(path, to: "x\n") == .leftAlone("it has 2 names"))
        unlink(path)
        mkfifo(path, 0o600)
        #expect(try edit(path, to: "x\n") == .leftAlone("it is not a regular file"))
        unlink(path)
        #expect(try edit(path, to: "x\n") == .leftAlone("it does not exist"))
        try TextFile.write(String(repeating: "#\n", count: 1 << 20), to: path)
        #expect(try edit(path, to: "x\n") == .leftAlone("it has more than 1048576 bytes"))
        #expect(TextFile.read(target) == "secret\n")
    }

    @Test func `making the file anew leaves the old one to whoever has it`() throws {
        try HostsFileEditor.create(path, Array("old\n".utf8))
        let other = directory.file("other")
        link(path, other)
        try HostsFileEditor.create(path, Array("new\n".utf8))
        #expect(TextFile.read(path) == "new\n")
        #expect(TextFile.read(other) == "old\n")
        var status = stat()
        #expect(lstat(path, &status) == 0 && status.st_mode & 0o777 == 0o644)
    }

    @Test func `a file on which somebody holds a lease is left alone, without waiting`() async throws {
        try TextFile.write("one\n", to: path)
        let script = """
            import fcntl, os, signal, sys, time
            signal.signal(signal.SIGIO, signal.SIG_IGN)
            fcntl.fcntl(os.open(sys.argv[1], os.O_RDONLY), 1024, fcntl.F_RDLCK)  # F_SETLEASE
            open(sys.argv[1] + ".held", "w").close()
            time.sleep(60)
            """
        guard let python = ChildProcess.find("python3") else { throw CommandFailure("python3 is not installed") }
        let holder = try ChildProcess(python, ["-c", script, path]).spawn()
        defer {
            kill(holder, SIGKILL)
            waitpid(holder, nil, 0)
        }
        let marker = path + ".held"
        let isHeld = await eventually { access(marker, F_OK) == 0 }
        #expect(isHeld)
        let start = ContinuousClock.now
        #expect(try edit(path, to: "two\n") == .leftAlone("somebody holds a lease on it"))
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(TextFile.read(path) == "one\n")
    }
}
