import Glibc
import TestSupport
import Testing

@testable import KenterEngine

/// What a container must not do to its host, seen from inside real containers.
@Suite(.serialized) struct ConfinementTests {
    @Test func `capabilities are Podman's, of everyone else but the superuser only the bound`() async throws {
        try await RuntimeScene.with { scene in
            let command = ["grep", "^Cap[EBIA]", "/proc/self/status"]
            let usual = try await scene.run(command)
            #expect(usual.output == Self.status(inheritable: 0, effective: 0x8004_05fb, bound: 0x8004_05fb))
            let user = try await scene.run(command) { $0.process.user = ContainerUser(uid: 1000, gid: 1000) }
            #expect(user.output == Self.status(inheritable: 0, effective: 0, bound: 0x8004_05fb))
            let chosen = try await scene.run(command) {
                $0.capabilitiesDropped = ["ALL"]
                $0.capabilitiesAdded = ["net_raw", "CAP_CHOWN"]
            }
            #expect(chosen.output == Self.status(inheritable: 0, effective: 0x2001, bound: 0x2001))
            let error = await #expect(throws: RuntimeError.self) {
                try await scene.run(command) { $0.capabilitiesAdded = ["FLY"] }
            }
            #expect(error?.message == "invalid capability: 'FLY' is not one that this host has")
        }
    }

    private static func status(inheritable: UInt64, effective: UInt64, bound: UInt64) -> String {
        [("CapInh", inheritable), ("CapEff", effective), ("CapBnd", bound), ("CapAmb", 0)].map { name, set in
            let digits = String(set, radix: 16)
            return "\(name):\t\(String(repeating: "0", count: 16 - digits.count))\(digits)\n"
        }.joined()
    }

    @Test(arguments: [true, false])
    func `system calls are filtered, whether the runtime or the engine compiles the filter`(compiled: Bool) async throws
    {
        try await RuntimeScene.with { scene in
            var scene = scene
            if !compiled { scene.runtime.runtime.version = [0, 16] }
            let script = """
                grep '^Seccomp:' /proc/self/status
                unshare -U true; echo $?
                mount -t tmpfs none /tmp; echo $?
                hostname other; echo $?
                chroot / true; echo $?
                """
            let outcome = try await scene.run(["sh", "-c", script])
            #expect(outcome.output == "Seccomp:\t2\n1\n1\n1\n0\n")
            #expect(outcome.errors.contains("Operation not permitted") || outcome.errors.contains("permission denied"))
            let id = try await scene.startSleeper()
            #expect(try await scene.execute(["sh", "-c", script], in: id).output == "Seccomp:\t2\n1\n1\n1\n0\n")
        }
    }

    @Test func `with SYS_ADMIN the filter lets mounts through`() async throws {
        try await RuntimeScene.with { scene in
            let outcome = try await scene.run([
                "sh", "-c", "mount -t tmpfs none /tmp && grep '^Seccomp:' /proc/self/status",
            ]) {
                $0.capabilitiesAdded = ["SYS_ADMIN"]
            }
            #expect(outcome.output == "Seccomp:\t2\n")
        }
    }

    /// A disk of the host that the test itself can open.
    private static func disk() -> HostDevice? {
        HostDevice.all().first { $0.kind == "b" && SmallFile.read($0.path, limitBytes: 1) != nil }
    }

    @Test func `a node of the host's disk can be made but not read`() async throws {
        try await RuntimeScene.with { scene in
            let disk = try #require(Self.disk())
            let node = "mknod /tmp/disk b \(disk.major) \(disk.minor)"
            let script = "\(node) && ls -l /tmp/disk && head -c 1 /tmp/disk; rm -f /tmp/disk"
            let outcome = try await scene.run(["sh", "-c", script]) { $0.capabilitiesAdded = ["MKNOD"] }
            #expect(outcome.output.hasPrefix("brw"))
            #expect(outcome.errors.contains("Operation not permitted"), "\(outcome)")
            let refused = try await scene.run(["sh", "-c", node])
            #expect(refused.code == 1)
        }
    }

    @Test func `the host's side of proc and sys is masked or read-only`() async throws {
        try await RuntimeScene.with { scene in
            let script = """
                head -c 1 /proc/kcore | wc -c
                echo 1 > /proc/sys/kernel/panic || echo refused
                echo b > /proc/sysrq-trigger || echo refused
                ls /sys/firmware | wc -l
                for tree in /sys/fs/cgroup/*; do mkdir $tree/new 2>/dev/null && echo made; done
                cat /proc/sys/net/ipv4/ping_group_range
                df -k /dev/shm | tail -1 | awk '{print $2}'
                hostname
                echo $$
                """
            let outcome = try await scene.run(["sh", "-c", script])
            #expect(outcome.output == "0\nrefused\nrefused\n0\n0\t2147483647\n65536\nbox\n1\n")
        }
    }

    @Test func `a privileged container has no filter, and the host's devices`() async throws {
        try await RuntimeScene.with { scene in
            let disk = try #require(Self.disk())
            let script = "grep '^Seccomp:' /proc/self/status; head -c 1 \(disk.path) >/dev/null && echo read"
            let outcome = try await scene.run(["sh", "-c", script]) { $0.isPrivileged = true }
            #expect(outcome.output == "Seccomp:\t0\nread\n", "\(outcome)")
        }
    }

    @Test func `memory, processes and processors are limited`() async throws {
        try await RuntimeScene.with { scene in
            let hungry = try await scene.run(["tail", "/dev/zero"]) { $0.resources.memoryBytes = 16 << 20 }
            #expect(hungry.code == 137)
            #expect(hungry.exit.ranOutOfMemory)
            let many = try await scene.run(["sh", "-c", "for i in $(seq 40); do sleep 3 & done; kill $(jobs -p)"]) {
                $0.resources.processes = 10
            }
            #expect(many.errors.contains("can't fork"), "\(many)")
            let half = try await scene.run(["true"]) { $0.resources.nanoProcessors = 500_000_000 }
            #expect(half.code == 0)
        }
    }

    @Test func `limits this host cannot keep are refused before anything is made`() async throws {
        try await RuntimeScene.with { scene in
            let processors = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
            let cases: [(String, (inout ContainerSpecification) -> Void)] = [
                ("Minimum memory limit allowed is 6MB", { $0.resources.memoryBytes = 1 << 20 }),
                (
                    "range of CPUs is from 0.01 to \(processors).00, as there are only \(processors) CPUs available",
                    { $0.resources.nanoProcessors = 1_000_000_000_000 }
                ),
                (
                    "invalid mount path: '/proc/x' nothing can be mounted on or below /proc",
                    { $0.mounts = [.bind("/tmp", to: "/proc/x")] }
                ),
                (
                    "invalid mount path: '/a/../../b' mount path must be absolute and below /",
                    { $0.mounts = [.bind("/tmp", to: "/a/../../b")] }
                ),
                ("no command specified", { $0.process.arguments = [] }),
            ]
            for (text, change) in cases {
                let error = await #expect(throws: RuntimeError.self) { try await scene.run(["true"], change) }
                #expect(error == RuntimeError(.refused, text))
            }
            #expect(scene.runtime.identifiers().isEmpty)
        }
    }

    @Test func `the root can be read-only, with files and directories of the host in it`() async throws {
        try await RuntimeScene.with { scene in
            try TextFile.write("127.0.0.1 localhost\n", to: "\(scene.directory)/hosts")
            let script =
                "touch /x || echo refused; cat /etc/hosts; touch /etc/hosts || echo refused; touch /data/y && echo made"
            let outcome = try await scene.run(["sh", "-c", script]) {
                $0.isRootReadOnly = true
                $0.mounts = [
                    .bind("\(scene.directory)/hosts", to: "/etc/hosts", readOnly: true),
                    ContainerMount(target: "/data", type: "tmpfs", source: "tmpfs", options: ["nosuid", "nodev"]),
                ]
            }
            #expect(outcome.output == "refused\n127.0.0.1 localhost\nrefused\nmade\n")
        }
    }

    @Test func `a network namespace of the engine is the container's`() async throws {
        try await RuntimeScene.with { scene in
            let namespace = NetworkNamespace(path: "\(scene.directory)/run/netns/one")
            try await namespace.create()
            #expect(namespace.exists)
            var status = stat()
            #expect(stat(namespace.path, &status) == 0)
            let outcome = try await scene.run([
                "sh", "-c", "readlink /proc/self/ns/net; cat /sys/class/net/lo/operstate; ls /sys/class/net",
            ]) {
                $0.network = .path(namespace.path)
            }
            #expect(outcome.output == "net:[\(status.st_ino)]\nunknown\nlo\n")
            namespace.remove()
            #expect(!namespace.exists)
            #expect(access(namespace.path, F_OK) != 0)
        }
    }
}
