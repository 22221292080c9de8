import JSONRPC
import TestSupport
import Testing

@testable import KenterEngine

/// What the runtime decides without touching the host.
@Suite struct RuntimeDecisionTests {
    static let users = UserLookup(
        passwd:
            "root:x:0:0:root:/root:/bin/sh\nbroken\nalice:x:1000:1001::/home/alice:/bin/sh\n1234:x:7:8::/n:/bin/sh\n",
        group: "root:x:0:\naudio:x:29:alice,bob\nvideo:x:44:alice\nalice:x:1001:alice\n")

    @Test(arguments: [
        ("", ContainerUser(uid: 0, gid: 0, home: "/root")),
        ("root", ContainerUser(uid: 0, gid: 0, home: "/root")),
        ("alice", ContainerUser(uid: 1000, gid: 1001, additionalGroups: [29, 44], home: "/home/alice")),
        ("1000", ContainerUser(uid: 1000, gid: 1001, additionalGroups: [29, 44], home: "/home/alice")),
        ("alice:audio", ContainerUser(uid: 1000, gid: 29, home: "/home/alice")),
        ("1000:7777", ContainerUser(uid: 1000, gid: 7777, home: "/home/alice")),
        ("4242", ContainerUser(uid: 4242, gid: 0, home: "/")),
        ("4242:video", ContainerUser(uid: 4242, gid: 44, home: "/")),
        ("1234", ContainerUser(uid: 7, gid: 8, home: "/n")),
    ])
    func `users and groups are the image's`(specification: String, expected: ContainerUser) throws {
        #expect(try Self.users.resolve(specification) == expected)
    }

    @Test(arguments: [
        ("bob", "unable to find user bob: no matching entries in passwd file"),
        ("alice:wheel", "unable to find group wheel: no matching entries in group file"),
        ("2147483648", "uids and gids must be in range 0-2147483647: 2147483648"),
        ("-1", "unable to find user -1: no matching entries in passwd file"),
    ])
    func `unknown users get Docker's text`(specification: String, text: String) {
        #expect(throws: RuntimeError(.refused, text)) { try Self.users.resolve(specification) }
    }

    @Test func `an image's files are read inside the image, and only when they are files`() async throws {
        let root = "/tmp/kenter-image-\(UInt32.random(in: 0...UInt32.max))"
        try await Command.succeed(["mkdir", "-p", "\(root)/etc", "\(root)/inside"])
        try TextFile.write("here", to: "\(root)/inside/passwd")
        try await Command.succeed(["ln", "-s", "../../../../inside/passwd", "\(root)/etc/passwd"])
        try await Command.succeed(["ln", "-s", "/etc/hostname", "\(root)/etc/group"])
        try await Command.succeed(["mkfifo", "\(root)/etc/pipe"])
        try await Command.succeed(["truncate", "-s", "2M", "\(root)/etc/large"])
        try await Command.succeed(["ln", "-s", "/proc/self/environ", "\(root)/etc/magic"])
        #expect(ImageFile.readText("etc/passwd", rootPath: root) == "here")
        for name in ["group", "pipe", "large", "magic", "missing"] {
            #expect(ImageFile.readText("etc/\(name)", rootPath: root) == nil)
        }
        try await Command.succeed(["rm", "-r", root])
    }

    static let hybrid = """
        24 1 0:5 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
        25 24 0:6 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
        26 24 0:7 / /sys/fs/cgroup/memory rw shared:3 - cgroup cgroup rw,memory
        27 24 0:8 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd
        """

    @Test func `cgroup layouts are told apart`() {
        let unified = "\n28 24 0:9 / /sys/fs/cgroup/unified rw - cgroup2 cgroup rw"
        let mixed = CgroupLayout(mountInformation: Self.hybrid + unified, unifiedControllers: "")
        #expect(mixed.version == .hybrid)
        #expect(mixed.has("memory") && mixed.has("cpu") && !mixed.has("pids"))
        #expect(
            mixed.directories(of: "/a/b").sorted()
                == ["cpu,cpuacct", "memory", "systemd"].map { "/sys/fs/cgroup/\($0)/a/b" })
        let old = CgroupLayout(mountInformation: Self.hybrid, unifiedControllers: "")
        #expect(old.version == .v1)
        let new = CgroupLayout(
            mountInformation: "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate",
            unifiedControllers: "cpuset cpu io memory pids\n")
        #expect(new.version == .v2)
        #expect(new.has("memory") && new.has("pids") && !new.has("devices"))
        #expect(new.directories(of: "/a") == ["/sys/fs/cgroup/a"])
    }

    @Test(arguments: [
        ("crun version 1.8.1\ncommit: x", [1, 8, 1]), ("runc version 1.1.5+ds1\nspec: 1.0.2", [1, 1, 5]), ("?", []),
    ])
    func `a runtime's version is read`(text: String, version: [Int]) {
        #expect(OCIRuntime.versionNumbers(in: text) == version)
    }

    @Test(arguments: [
        ("{\"data\": 15153}\n", ConmonAnswer.created(pid: 15153)),
        ("{\"data\": -1, \"message\": \"no \\\"x\\\"\\n\"}\n", .failed(message: "no \"x\"\n")),
        ("nonsense\n", .failed(message: "nonsense\n")),
        ("", .nothing),
    ])
    func `conmon's answers are understood`(line: String, expected: ConmonAnswer) {
        #expect(ConmonAnswer(Array(line.utf8)) == expected)
    }

    @Test(arguments: [
        ("runc create failed: unable to start container process: exec: \"x\": executable file not found in $PATH", 127),
        ("exec failed: unable to start container process: exec: \"x\": permission denied", 126),
        ("time=\"2026-11-25T00:27:58Z\" level=error msg=\"exec: \\\"x\\\": stat x: no such file or directory\"\n", 127),
        ("exec: \"x\": stat x: no such file or directory", 127),
        ("executable file `x` not found in $PATH: No such file or directory", 127),
        ("open executable: Permission denied", 126),
        ("chdir `/nonexistent`: No such file or directory", 126),
        ("mount `proc` to `/proc`: Operation not permitted", 125),
    ])
    func `both runtimes' complaints get Docker's codes`(text: String, code: Int32) {
        #expect(RuntimeError(starting: "x", action: "create", runtimeSaid: text).exitCode == code)
    }

    @Test func `a process is told from a later one by its start`() throws {
        let status = "12 (a (b) c) S " + (4...21).map(String.init).joined(separator: " ") + " 777 0"
        #expect(ProcessIdentity.startTicks(inStatus: status) == 777)
        #expect(ProcessIdentity.startTicks(inStatus: status.replacing(" S ", with: " Z ")) == nil)
        let own = try #require(ProcessIdentity(running: 1))
        #expect(own.isAlive)
        #expect(!ProcessIdentity(pid: 1, startTicks: own.startTicks + 1).isAlive)
    }

    @Test func `mount options are sorted into flags, propagation and data`() {
        let options = MountOptions(["ro", "nosuid", "lowerdir=/a:/b", "rslave", "upperdir=/c"], isBind: false)
        #expect(options.flags == 3)
        #expect(options.data == "lowerdir=/a:/b,upperdir=/c")
        #expect(options.propagation == 0x84000)
        #expect(MountOptions(["ro", "rw"], isBind: true).flags == 4096)
    }

    @Test func `both architectures have their own calls and the same refusals`() {
        for architecture in [SeccompArchitecture.x86_64, .aarch64] {
            let profile = SeccompProfile.default(.default, architecture: architecture)
            let allowed = Set(profile.rules.filter { $0.action == .allow && $0.condition == nil }.flatMap(\.calls))
            #expect(allowed.contains("arch_prctl") == (architecture == .x86_64))
            #expect(
                allowed.isDisjoint(with: ["mount", "unshare", "setns", "bpf", "keyctl", "clone", "clone3", "reboot"]))
            let mighty = SeccompProfile.default(.all, architecture: architecture)
            #expect(mighty.rules.contains { $0.action == .allow && $0.calls.contains("mount") })
        }
        let program = SeccompFilter.compile(.default(.default))
        #expect((program?.count ?? 0) > 1000)
    }
}
