import Glibc
import TestSupport
import Testing

@testable import KenterEngine

/// Real containers under conmon and the installed runtime, on whatever cgroup layout this host has.
@Suite(.serialized) struct ContainerRuntimeTests {
    @Test func `a process's output, errors and exit code come out`() async throws {
        try await RuntimeScene.with { scene in
            print(
                "cgroup layout: \(scene.runtime.layout.version.rawValue), runtime: \(scene.runtime.runtimeDescription)")
            let outcome = try await scene.run(["sh", "-c", "echo out; echo err >&2; exit 7"])
            #expect(outcome.code == 7)
            #expect(outcome.output == "out\n")
            #expect(outcome.errors == "err\n")
            #expect(!outcome.exit.ranOutOfMemory)
        }
    }

    @Test func `input reaches the main process, and so does its end`() async throws {
        try await RuntimeScene.with { scene in
            let input = Array(repeating: UInt8(ascii: "x"), count: 300_000)
            let outcome = try await scene.run(["wc", "-c"], input: input)
            #expect(outcome.output == "300000\n")
        }
    }

    @Test func `a signal that kills the main process shows in the exit code`() async throws {
        try await RuntimeScene.with { scene in
            let id = try await scene.startSleeper()
            #expect(try await scene.execute(["true"], in: id).code == 0)
            try await scene.runtime.send(SIGKILL, to: id)
            #expect(await scene.runtime.exit(of: id)?.code == 137)
            await #expect(throws: RuntimeError(.notRunning, "container \(id) is not running")) {
                try await scene.runtime.send(SIGTERM, to: id)
            }
        }
    }

    @Test func `a command that does not exist is 127, one that cannot be executed 126`() async throws {
        try await RuntimeScene.with { scene in
            let cases: [([String], Int32, String)] = [
                (["nosuch"], 127, "exec: \"nosuch\": executable file not found in $PATH"),
                (["/bin/nosuch"], 127, "exec: \"/bin/nosuch\": stat /bin/nosuch: no such file or directory"),
                (["/etc/passwd"], 126, "exec: \"/etc/passwd\": permission denied"),
                (["/tmp"], 126, "exec: \"/tmp\": is a directory: permission denied"),
            ]
            for (arguments, code, text) in cases {
                let error = await #expect(throws: RuntimeError.self) { try await scene.run(arguments) }
                #expect(error?.exitCode == code)
                #expect(error?.message == "OCI runtime create failed: \(text)")
            }
            let id = try await scene.startSleeper()
            for (arguments, code, text) in cases {
                let error = await #expect(throws: RuntimeError.self) { try await scene.execute(arguments, in: id) }
                #expect(error?.exitCode == code)
                #expect(error?.message == "OCI runtime exec failed: \(text)")
            }
        }
    }

    @Test func `a terminal is one, has the size it was given, and can be resized`() async throws {
        try await RuntimeScene.with { scene in
            var specification = scene.container(["sh", "-c", "tty; stty size; read line; stty size; echo got $line"])
            specification.process.hasTerminal = true
            let id = scene.newID()
            var options = ContainerOptions()
            options.hasInput = true
            _ = try await scene.runtime.create(id, specification, options: options)
            let streams = try scene.runtime.attach(id)
            try await scene.runtime.start(id)
            try scene.runtime.resize(id, columns: 132, rows: 43)
            let hasSize = await eventually {
                TextFile.read(scene.runtime.log(of: id)).contains("24 80")
                    || TextFile.read(scene.runtime.log(of: id)).contains("43 132")
            }
            #expect(hasSize)
            await streams.send(Array("hello\n".utf8))
            let (output, _) = await RuntimeScene.collect(streams)
            #expect(output.contains("/dev/pts/0") || output.contains("/dev/console"))
            #expect(output.contains("43 132\r\ngot hello\r\n"))
            #expect(await scene.runtime.exit(of: id)?.code == 0)
        }
    }

    @Test func `a later process has streams, a code, a user and a directory of its own`() async throws {
        try await RuntimeScene.with { scene in
            let id = try await scene.startSleeper()
            let outcome = try await scene.execute(
                ["sh", "-c", "cat; echo e >&2; exit 9"], in: id, input: Array("in".utf8))
            #expect(outcome == (9, "in", "e\n"))
            var process = scene.container(["sh", "-c", "id -u; id -G; pwd; echo $NAME"]).process
            process.user = ContainerUser(uid: 1000, gid: 1000, additionalGroups: [29, 44])
            process.workingDirectory = "/tmp"
            process.environment.append("NAME=value")
            let executed = try await scene.runtime.execute(process, in: id, hasInput: false)
            #expect(await RuntimeScene.collect(executed.streams).output == "1000\n1000 29 44\n/tmp\nvalue\n")
            #expect(await executed.exitCode() == 0)
        }
    }

    @Test func `a working directory that does not exist is made for the main process only`() async throws {
        try await RuntimeScene.with { scene in
            let outcome = try await scene.run(["pwd"]) { $0.process.workingDirectory = "/tmp/made/for/it" }
            #expect(outcome.output == "/tmp/made/for/it\n")
            let id = try await scene.startSleeper()
            var process = scene.container(["pwd"]).process
            process.workingDirectory = "/nowhere"
            let error = await #expect(throws: RuntimeError.self) {
                try await scene.runtime.execute(process, in: id, hasInput: false)
            }
            #expect(error?.exitCode == 126)
            #expect(error?.message.contains("/nowhere") == true)
        }
    }

    @Test func `processes in the host's namespace are ended with their container`() async throws {
        try await RuntimeScene.with { scene in
            var specification = scene.container(["sh", "-c", "sleep 1000 & sleep 1000 & exit 0"])
            specification.processes = .host
            let id = scene.newID()
            _ = try await scene.runtime.create(id, specification)
            try await scene.runtime.start(id)
            #expect(await scene.runtime.exit(of: id)?.code == 0)
            #expect(scene.runtime.processes(of: id).count == 2)
            try await scene.runtime.delete(id)
            #expect(scene.runtime.processes(of: id).isEmpty)
        }
    }

    @Test func `a later process that leaves its output to a child ends nevertheless`() async throws {
        try await RuntimeScene.with { scene in
            let id = try await scene.startSleeper()
            let outcome = try await scene.execute(["sh", "-c", "sleep 500 & echo started"], in: id)
            #expect(outcome == (0, "started\n", ""))
            let written = try await scene.execute(
                ["sh", "-c", "exec cat >/tmp/x 2>&1"], in: id, input: Array("kept".utf8))
            #expect(written.code == 0)
            #expect(try await scene.execute(["cat", "/tmp/x"], in: id).output == "kept")
        }
    }

    @Test func `a later process with a terminal can be resized and signalled`() async throws {
        try await RuntimeScene.with { scene in
            let id = try await scene.startSleeper()
            var process = scene.container([
                "sh", "-c", "read line; stty size; exec sleep 1000",
            ]).process
            process.hasTerminal = true
            (process.terminalColumns, process.terminalRows) = (90, 30)
            let executed = try await scene.runtime.execute(process, in: id, hasInput: true)
            executed.streams.resize(columns: 100, rows: 40)
            await executed.streams.send(Array("\n".utf8))
            var text = ""
            while !text.contains("40 100"), let chunk = await executed.streams.next() {
                text += String(decoding: chunk.bytes, as: UTF8.self)
            }
            #expect(executed.send(signal: SIGTERM))
            #expect(await executed.exitCode() == 143)
        }
    }

    @Test func `output that nobody takes stops the process instead of growing`() async throws {
        try await RuntimeScene.with { scene in
            let id = try await scene.startSleeper()
            let process = try await scene.runtime.execute(
                scene.container(["sh", "-c", "yes | head -c 20000000; echo done >&2"]).process, in: id, hasInput: false)
            var (bytes, errors) = (0, "")
            while let chunk = await process.streams.next() {
                if chunk.channel == .standardOutput { bytes += chunk.bytes.count }
                if chunk.channel == .standardError { errors += String(decoding: chunk.bytes, as: UTF8.self) }
            }
            #expect(bytes == 20_000_000)
            #expect(errors == "done\n")
        }
    }

    @Test func `a cancelled task stops waiting`() async throws {
        try await RuntimeScene.with { scene in
            let id = try await scene.startSleeper()
            let process = try await scene.runtime.execute(
                scene.container(["sleep", "1000"]).process, in: id, hasInput: true)
            await withTaskGroup(of: Void.self) { group in
                group.addTask { #expect(await scene.runtime.exit(of: id) == nil) }
                group.addTask { #expect(await process.streams.next() == nil) }
                group.addTask { #expect(await process.exitCode() == nil) }
                group.addTask { #expect(await !process.streams.send(Array(repeating: 0, count: 1 << 20))) }
                group.cancelAll()
            }
        }
    }

    @Test func `a paused container does nothing, and dies when killed`() async throws {
        try await RuntimeScene.with { scene in
            let id = try await scene.startSleeper()
            try await scene.runtime.pause(id)
            guard case .paused = scene.runtime.inspect(id) else {
                Issue.record("not paused: \(scene.runtime.inspect(id))")
                return
            }
            let refusal = RuntimeError(.refused, "container \(id) is paused, unpause the container before exec")
            await #expect(throws: refusal) { try await scene.execute(["true"], in: id) }
            try await scene.runtime.resume(id)
            guard case .running = scene.runtime.inspect(id) else {
                Issue.record("not running: \(scene.runtime.inspect(id))")
                return
            }
            try await scene.runtime.pause(id)
            try await scene.runtime.send(SIGKILL, to: id)
            #expect(await scene.runtime.exit(of: id)?.code == 137)
        }
    }

    @Test func `a new engine finds what an old one left`() async throws {
        try await RuntimeScene.with { scene in
            let running = try await scene.startSleeper()
            let (created, ended) = (scene.newID(), scene.newID())
            let waiting = try await scene.runtime.create(created, scene.container(["sh", "-c", "exit 3"]))
            _ = try await scene.runtime.create(ended, scene.container(["sh", "-c", "exit 4"]))
            try await scene.runtime.start(ended)
            #expect(await scene.runtime.exit(of: ended)?.code == 4)

            let restarted = try await RuntimeScene.makeRuntime(scene.directory)
            #expect(restarted.identifiers() == [created, ended, running].sorted())
            #expect(restarted.inspect(created) == .created(waiting))
            guard case .running(let process) = restarted.inspect(running) else {
                Issue.record("not running: \(restarted.inspect(running))")
                return
            }
            #expect(process.isAlive)
            guard case .exited(let exit) = restarted.inspect(ended) else {
                Issue.record("not exited: \(restarted.inspect(ended))")
                return
            }
            #expect(exit.code == 4)
            #expect(restarted.inspect(scene.newID()) == .gone)
            try await restarted.start(created)
            #expect(await restarted.exit(of: created)?.code == 3)
            try await restarted.send(SIGTERM, to: running)
            try await restarted.send(SIGKILL, to: running)
            #expect(await restarted.exit(of: running)?.code == 137)
        }
    }

    @Test func `a container whose monitor was killed ends`() async throws {
        try await RuntimeScene.with { scene in
            let id = try await scene.startSleeper()
            let monitor = try #require(scene.runtime.monitor(of: scene.runtime.paths(id)))
            kill(monitor, SIGKILL)
            #expect(await scene.runtime.exit(of: id)?.code == 137)
            guard case .exited = scene.runtime.inspect(id) else {
                Issue.record("not exited: \(scene.runtime.inspect(id))")
                return
            }
        }
    }

    @Test func `an id can be used again once its process has ended, and not before`() async throws {
        try await RuntimeScene.with { scene in
            let id = try await scene.startSleeper()
            await #expect(throws: RuntimeError(.refused, "container \(id) is already running")) {
                try await scene.runtime.create(id, scene.container(["true"]))
            }
            try await scene.runtime.send(SIGKILL, to: id)
            #expect(await scene.runtime.exit(of: id)?.code == 137)
            _ = try await scene.runtime.create(id, scene.container(["sh", "-c", "exit 5"]))
            try await scene.runtime.start(id)
            #expect(await scene.runtime.exit(of: id)?.code == 5)
        }
    }
}
