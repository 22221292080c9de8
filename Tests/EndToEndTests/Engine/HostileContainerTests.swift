import CLinux
import Glibc
import JSONRPC
import TestSupport
import Testing

/// What the processes of a container may try against the engine that looks after them.
@Suite struct HostileContainerTests {
    /// Marks that combine with the parentheses around a process's name in /proc hide them from whoever reads text.
    @Test func aNameThatHidesItsParenthesesIsShownAsItIs() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let script = #"printf '\314\201)(\330\200' >/proc/$$/comm; printf ready; while :; do sleep 1; done"#
            try await engine.kenter("run", "-d", "--name", "odd", "busybox", "sh", "-c", script)
            #expect(try await eventually { try await engine.kenter("logs", "odd") == "ready" })
            let processes = try await engine.kenter("top", "odd")
            #expect(processes.contains("sleep 1"), "\(processes)")
            #expect(try await engine.kenter("ps", "-q") != "")
        }
    }

    /// crun takes orders from annotations; those of an image or a client would switch off what confines a container.
    @Test func noLabelBecomesAnOrderToTheRuntime() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let archive = try await Command.succeed([BuildProducts.fixture("images/build"), "busybox"]).line
            let label = "run.oci.seccomp_fail_unknown_syscall=0"
            try await engine.kenter("import", archive, "labelled", "--change", "LABEL \(label) run.oci.handler=krun")
            try await engine.kenter(
                "run", "-d", "--name", "odd", "--label", "run.oci.keep_original_groups=1", "labelled", "sleep", "1d")
            let labels = try await engine.inspect("odd")["config"]["labels"].object?.members.map(\.name) ?? []
            #expect(labels.count { $0.hasPrefix("run.oci.") } == 3)
            let id = try await engine.inspect("odd")["id"].string ?? ""
            let bundle = TextFile.read("\(engine.runDirectory)/containers/\(id)/config.json")
            let annotations = try JSONValue(text: bundle)["annotations"].object?.members.map(\.name) ?? []
            #expect(Set(annotations).isSubset(of: ["run.oci.seccomp_bpf_data"]), "\(annotations)")
        }
    }

    /// Containers can use up the threads that the host has. What needs one waits then; the engine's own threads stay
    /// where they are, and its doors stay open.
    @Test func withoutThreadsToGiveWorkWaitsAndNothingElseIsDoneInItsPlace() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("create", "--name", "late", "busybox", "sleep", "1000")
            let client = try engine.connect()
            let group = try ThreadLimit(of: engine.processIdentifier)
            defer { group.remove() }
            try group.allowNoMore()
            let idle = [try engine.connect(), try engine.connect()]
            await client.send(#"{"jsonrpc":"2.0","id":1,"method":"container.start","params":{"container":"late"}}"#)
            let others = try engine.connect()
            await others.send(#"{"jsonrpc":"2.0","id":2,"method":"engine.ping"}"#)
            // Whatever would have been done on the wrong thread is done by now: it needs no more than the others' calls.
            for id in 3..<40 {
                await client.send(#"{"jsonrpc":"2.0","id":\#(id),"method":"engine.ping"}"#)
                _ = try await client.receive()
            }
            let namespaces = Set(engine.threads.compactMap { engine.network(ofThread: $0) })
            #expect(namespaces.count == 1, "threads of the engine in several namespaces: \(namespaces)")
            group.remove()
            #expect(try await others.receive()?.contains(#""result""#) == true)
            #expect(
                try await eventually { try await engine.inspect("late")["state"]["status"].string == "running" })
            _ = idle
        }
    }

    @Test func noDescriptorOfTheEngineReachesAContainer() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("run", "-d", "--name", "aa", "busybox", "sleep", "1d")
            let list = "ls -l /proc/$$/fd"
            for command in [
                ["exec", "aa", "ls", "-l", "/proc/1/fd"], ["exec", "aa", "sh", "-c", list],
                ["exec", "-i", "aa", "sh", "-c", list], ["run", "--rm", "busybox", "sh", "-c", list],
            ] {
                let result = try await engine.kenter(command)
                let targets = result.output.matches(of: /-> (\S+)/).map { String($0.output.1) }
                // The listing has its own directory open.
                let streams = targets.filter { !$0.hasPrefix("/proc/") }
                #expect(streams.count == 3 && targets.count <= 4, "\(result)")
                #expect(streams.allSatisfy { $0 == "/dev/null" || $0.hasPrefix("pipe:") }, "\(result)")
            }
        }
    }

    @Test func theSocketOfAnEngineInAContainerIsSaidToBeRootForIt() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let socket = "\(engine.directory)/docker.sock"
            let script = "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])"
            try await Command.succeed(["python3", "-c", script, socket])
            let made = try await engine.kenter(["create", "-v", "\(socket):/docker.sock", "busybox", "true"])
            #expect(made.exit == 0 && made.errors.contains("WARNING") && made.errors.contains("root"), "\(made)")
        }
    }
}

extension TestEngine {
    fileprivate var threads: [String] { TextFile.names(in: "/proc/\(processIdentifier)/task") }

    fileprivate func network(ofThread thread: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 256)
        let count = readlink("/proc/\(processIdentifier)/task/\(thread)/ns/net", &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// A cgroup of the test's own that bounds how many threads a process has.
private struct ThreadLimit {
    private let pid: Int32
    private let path: String
    private let former: String

    init(of pid: Int32) throws {
        self.pid = pid
        let isUnified = access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0
        let controller = isUnified ? "" : "pids"
        let line = TextFile.read("/proc/\(pid)/cgroup").split(separator: "\n").first { line in
            line.split(separator: ":", omittingEmptySubsequences: false)[1].split(separator: ",").contains(
                controller[...])
                || (isUnified && line.hasPrefix("0::"))
        }
        let own = line.map { String($0.split(separator: ":", omittingEmptySubsequences: false)[2]) } ?? "/"
        let root = isUnified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/pids"
        former = "\(root)\(own)/cgroup.procs"
        path = "\(root)/kenter-test-\(pid)"
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw CommandFailure("cannot make \(path)") }
        try TextFile.write("\(pid)", to: "\(path)/cgroup.procs")
    }

    func allowNoMore() throws {
        try TextFile.write(TextFile.read("\(path)/pids.current"), to: "\(path)/pids.max")
    }

    /// Puts the process back where it was; also a second time.
    func remove() {
        try? TextFile.write("max", to: "\(path)/pids.max")  // Gone already, the second time.
        for process in TextFile.read("\(path)/cgroup.procs").split(separator: "\n") {
            try? TextFile.write(String(process), to: former)  // It may have ended.
        }
        rmdir(path)
    }
}
