import ChildProcess
import CLinux
import Glibc

/// A small root file system with Debian's static busybox, made once for each run of the tests and shared by them.
public enum BusyboxRoot {
    private static let making = Task { try await make() }

    /// The path of a directory that holds /bin with every applet, /etc/passwd, /etc/group and the usual directories.
    public static func path() async throws -> String { try await making.value }

    private static func make() async throws -> String {
        guard let busybox = ChildProcess.find("busybox") else {
            throw CommandFailure("busybox is not installed: run `make deps`")
        }
        let root = "/tmp/kenter-busybox-root-\(getpid())"
        let directories = ["bin", "dev", "etc", "home", "proc", "root", "sys", "tmp", "usr", "var"].map {
            "\(root)/\($0)"
        }
        try await Command.succeed(["mkdir", "-p"] + directories)
        try await Command.succeed(["chmod", "1777", "\(root)/tmp"])
        try await Command.succeed(["cp", busybox, "\(root)/bin/busybox"])
        try await Command.succeed(["chroot", root, "/bin/busybox", "--install", "-s", "/bin"])
        try TextFile.write(
            "root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n",
            to: "\(root)/etc/passwd")
        try TextFile.write(
            "root:x:0:\nalice:x:1000:\naudio:x:29:alice\nvideo:x:44:root,alice\nnogroup:x:65534:\n",
            to: "\(root)/etc/group")
        try await Command.succeed(["chmod", "644", "\(root)/etc/passwd", "\(root)/etc/group"])
        removeAtExit(root)
        return root
    }

    private static func removeAtExit(_ root: String) {
        atexit_path = strdup(root)
        atexit { if let path = atexit_path { removeTree(String(cString: path)) } }
    }
}

nonisolated(unsafe) private var atexit_path: UnsafeMutablePointer<CChar>?

/// Removes a directory with all that is in it, without a process: at exit there may be no time for one.
private func removeTree(_ path: String) {
    for name in TextFile.names(in: path) {
        let child = "\(path)/\(name)"
        var status = stat()
        if lstat(child, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR { removeTree(child) } else { unlink(child) }
    }
    rmdir(path)
}
