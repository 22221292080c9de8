import Glibc
import JSONRPC
import TestSupport
import Testing

/// `kenter cp` by Docker's rules, on containers that run and on those that do not.
@Suite struct ContainerCopyTests {
    /// A container `aa`, with its volume and files, running or stopped after it ran.
    private static func with(
        running: Bool, _ options: [String] = [], _ body: (TestEngine) async throws -> Void
    ) async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let script = """
                mkdir -p /src/dir/sub && echo one > /src/dir/one && echo two > /src/dir/sub/two && ln -s one /src/dir/link
                ln /src/dir/one /src/dir/second; chown 1000:1001 /src/dir/one; chmod 4751 /src/dir/one
                ln -s /src/dir /way; echo kept > /data/kept 2>/dev/null; touch /ready; sleep 1d
                """
            let made = try await engine.kenter(
                ["run", "-d", "--name", "aa", "-v", "data:/data"] + options + ["busybox", "sh", "-c", script])
            #expect(made.exit == 0, "\(made)")
            #expect(await eventually { (try? await engine.kenter(["exec", "aa", "ls", "/ready"]).exit) == 0 })
            if !running { try await engine.kenter("stop", "-t", "0", "aa") }
            try await body(engine)
            #expect(try await engine.inspect("aa")["state"]["status"].string == (running ? "running" : "exited"))
        }
    }

    @Test(arguments: [true, false])
    func directoriesAndFilesComeOut(running: Bool) async throws {
        try await Self.with(running: running) { engine in
            let here = engine.directory
            func copy(_ arguments: String...) async throws -> CommandResult {
                try await engine.kenter(["cp"] + arguments)
            }
            let first = try await copy("aa:/src/dir", "\(here)/new")
            #expect(first.exit == 0, "\(first)")
            #expect(first.errors.isEmpty, "only a terminal is told what was copied: \(first)")
            #expect(TextFile.read("\(here)/new/one") == "one\n" && TextFile.read("\(here)/new/sub/two") == "two\n")
            var (one, second, link) = (stat(), stat(), stat())
            #expect(stat("\(here)/new/one", &one) == 0 && stat("\(here)/new/second", &second) == 0)
            #expect(one.st_ino == second.st_ino, "a file with two names stays one")
            #expect(one.st_uid == 0 && one.st_mode & 0o7777 == 0o751, "nobody else's, and without powers")
            #expect(lstat("\(here)/new/link", &link) == 0 && link.st_mode & S_IFMT == S_IFLNK)

            // Into a directory that is there, and what a directory holds.
            mkdir("\(here)/into", 0o700)
            #expect(try await copy("-q", "aa:/src/dir", "\(here)/into").errors.isEmpty)
            #expect(TextFile.read("\(here)/into/dir/one") == "one\n")
            #expect(try await copy("aa:/src/dir/.", "\(here)/into").exit == 0)
            #expect(TextFile.read("\(here)/into/one") == "one\n")
            #expect(try await copy("aa:src/dir/one", "\(here)/file").exit == 0)
            #expect(TextFile.read("\(here)/file") == "one\n")
            #expect(try await copy("-a", "aa:/src/dir/one", "\(here)/owned").exit == 0)
            #expect(stat("\(here)/owned", &one) == 0 && one.st_uid == 1000 && one.st_gid == 1001)
            #expect(one.st_mode & 0o7777 == 0o751)

            // Links: as they are, or what they lead to.
            #expect(try await copy("aa:/way", "\(here)/way").exit == 0)
            #expect(lstat("\(here)/way", &link) == 0 && link.st_mode & S_IFMT == S_IFLNK)
            #expect(try await copy("-L", "aa:/way", "\(here)/followed").exit == 0)
            #expect(TextFile.read("\(here)/followed/one") == "one\n")

            // As an archive.
            let listed = try await Command.run(
                ["sh", "-c", "\"$1\" cp aa:/src/dir - | tar -t | sort", "-", BuildProducts.executable("kenter")],
                environment: engine.environment)
            #expect(
                listed.lines == ["dir/", "dir/link", "dir/one", "dir/second", "dir/sub/", "dir/sub/two"], "\(listed)")
            // What lies on a volume.
            #expect(try await copy("aa:/data/kept", "\(here)/kept").exit == 0)
            #expect(TextFile.read("\(here)/kept") == "kept\n")
        }
    }

    @Test(arguments: [true, false])
    func directoriesAndFilesGoIn(running: Bool) async throws {
        try await Self.with(running: running) { engine in
            let here = engine.directory
            let make = """
                mkdir -p dir/sub && echo one > dir/one && echo two > dir/sub/two && ln -s one dir/link && mkfifo dir/pipe
                chown 1000:1001 dir/one && chmod 4751 dir/one
                """
            _ = try await Command.run(["sh", "-c", make], workingDirectory: here)
            func copy(_ arguments: String...) async throws {
                let result = try await engine.kenter(["cp"] + arguments)
                #expect(result.exit == 0, "\(result)")
            }
            try await copy("\(here)/dir", "aa:/new")
            try await copy("\(here)/dir", "aa:/data")
            try await copy("\(here)/dir/.", "aa:/src/dir/sub")
            try await copy("dir/one", "aa:/src/dir/one")
            try await copy("-a", "\(here)/dir/one", "aa:/owned")
            try await copy("-L", "\(here)/dir/link", "aa:/followed")
            if !running { try await engine.kenter("start", "aa") }
            let script = """
                cat /new/one /new/sub/two /data/dir/one /src/dir/sub/one /src/dir/one /src/dir/second /owned
                stat -c '%n %u:%g %a' /new/one /owned; stat -c '%n %F' /new/link /new/pipe /followed
                """
            let seen = try await engine.kenter("exec", "aa", "sh", "-c", script)
            #expect(
                seen == """
                    one
                    two
                    one
                    one
                    one
                    one
                    one
                    /new/one 1000:1001 4751
                    /owned 1000:1001 4751
                    /new/link symbolic link
                    /new/pipe fifo
                    /followed regular file
                    """)
            if !running { try await engine.kenter("stop", "-t", "0", "aa") }
        }
    }

    @Test func aTerminalIsToldWhatWasCopied() async throws {
        try await Self.with(running: true) { engine in
            for (options, isTold) in [("", true), ("-q", false)] {
                let command = "\(BuildProducts.executable("kenter")) cp \(options) aa:/src/dir \(engine.directory)/new"
                let result = try await Command.run(
                    ["script", "--quiet", "--return", "--command", command, "/dev/null"],
                    environment: engine.environment)
                #expect(result.exit == 0, "\(result)")
                let told = result.output.contains(/^Successfully copied [0-9.]+kB to \/.*\/new/)
                #expect(told == isTold, "\(result)")
            }
        }
    }

    @Test(arguments: [true, false])
    func archivesOnStandardInputAreUnpackedAsTheyAre(running: Bool) async throws {
        try await Self.with(running: running) { engine in
            let script = """
                mkdir t && echo in > t/file && chown 7:8 t/file && tar -czf - t | "$1" cp - aa:/data
                """
            let result = try await Command.run(
                ["sh", "-c", script, "-", BuildProducts.executable("kenter")], environment: engine.environment,
                workingDirectory: engine.directory)
            #expect(result.exit == 0, "\(result)")
            let out = try await Command.run(
                [
                    "sh", "-c", "\"$1\" cp aa:/data/t - | tar -tv --numeric-owner", "-",
                    BuildProducts.executable("kenter"),
                ],
                environment: engine.environment)
            #expect(out.output.contains(" 7/8 "), "\(out)")
        }
    }

    @Test(arguments: [true, false])
    func copiesAreRefusedInDockersWords(running: Bool) async throws {
        try await Self.with(running: running) { engine in
            let here = engine.directory
            try TextFile.write("x", to: "\(here)/file")
            mkdir("\(here)/dir", 0o755)
            for (arguments, text) in [
                (["aa:/nope", here], "Could not find the file /nope in container aa"),
                (["\(here)/file", "aa:/nope/deep"], "Could not find the file /nope in container aa"),
                (["\(here)/file", "aa:/nope/"], "no such directory"),
                (["\(here)/dir", "aa:/src/dir/one"], "cannot copy directory"),
                (["\(here)/file", "aa:/src/dir/one/"], "/src/dir/one is not a directory"),
                (["\(here)/nope", "aa:/"], "lstat \(here)/nope: no such file or directory"),
                (
                    ["aa:/src/dir/one", "\(here)/no/where"],
                    #"invalid output path: directory "\#(here)/no" does not exist"#
                ),
                (["aa:/src/dir", "\(here)/file"], "cannot copy directory"),
                (["aa:/src", "bb:/src"], "copying between containers is not supported"),
                (["\(here)/file", here], "must specify at least one container source"),
                (["nosuch:/x", here], "No such container: nosuch"),
            ] {
                try await engine.expectRefusal(["cp"] + arguments, exit: 1, saying: text)
            }
            _ = try await engine.kenter(["cp", "aa:/src/dir", "\(here)/dir"])
            try TextFile.write("x", to: "\(here)/sub")
            try await engine.expectRefusal(
                ["cp", "\(here)/sub", "aa:/src/dir"], exit: 1,
                saying: #"cannot overwrite directory "sub" with non-directory"#)
        }
    }

    @Test(arguments: [true, false])
    func whatIsReadOnlyTakesNothing(running: Bool) async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let here = engine.directory
            try TextFile.write("x", to: "\(here)/file")
            try await engine.kenter(
                "run", "-d", "--name", "aa", "--read-only", "-v", "data:/data", "-v", "shut:/shut:ro", "busybox",
                "sleep", "1d")
            if !running { try await engine.kenter("stop", "-t", "0", "aa") }
            try await engine.expectRefusal(
                ["cp", "\(here)/file", "aa:/etc/x"], exit: 1, saying: "container rootfs is marked read-only")
            try await engine.expectRefusal(
                ["cp", "\(here)/file", "aa:/shut/x"], exit: 1, saying: "mounted volume is marked read-only")
            try await engine.kenter("cp", "\(here)/file", "aa:/data/x")
            try await engine.kenter("cp", "aa:/data/x", "\(here)/back")
            #expect(TextFile.read("\(here)/back") == "x")
        }
    }

    @Test func aNewVolumeIsFilledBeforeItIsCopiedTo() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let here = engine.directory
            try TextFile.write("mine", to: "\(here)/group")
            try await engine.kenter(
                "create", "--name", "aa", "-v", "made:/etc", "--tmpfs", "/gone", "busybox", "sleep", "1d")
            try await engine.kenter("cp", "\(here)/group", "aa:/etc/group")
            try await engine.expectRefusal(
                ["cp", "\(here)/group", "aa:/gone/x"], exit: 1, saying: "mounted volume is marked read-only")
            try await engine.kenter("start", "aa")
            #expect(try await engine.kenter("exec", "aa", "cat", "/etc/group") == "mine")
            #expect(try await engine.kenter("exec", "aa", "cat", "/etc/passwd").contains("root"))
        }
    }

    @Test func aFileIsBoundWhereALinkLeadsToNothing() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let here = engine.directory
            try TextFile.write("theirs", to: "\(here)/bound")
            for target in ["/tmp/far", "near"] {
                try await engine.kenter(
                    "run", "--rm", "-v", "data:/data", "busybox", "ln", "-sfn", target, "/data/way")
                try await engine.kenter(
                    "create", "--name", "aa", "-v", "data:/data", "-v", "\(here)/bound:/data/way", "busybox", "true")
                let found = target == "near" ? "/data/near" : target
                try await engine.kenter("cp", "aa:\(found)", "\(here)/back")
                #expect(TextFile.read("\(here)/back") == "theirs")
                try await engine.kenter("rm", "aa")
            }
        }
    }

    @Test func volumesLieInATmpfsOfAContainerThatDoesNotRun() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let here = engine.directory
            try TextFile.write("mine", to: "\(here)/file")
            try TextFile.write("theirs", to: "\(here)/bound")
            try await engine.kenter(
                "create", "--name", "aa", "--tmpfs", "/run", "-v", "data:/run/data", "-v", "\(here)/bound:/run/a/bound",
                "busybox", "sleep", "1d")
            try await engine.kenter("cp", "\(here)/file", "aa:/run/data/file")
            try await engine.kenter("cp", "aa:/run/a/bound", "\(here)/back")
            #expect(TextFile.read("\(here)/back") == "theirs")
            for target in ["/run/x", "/run/a/x"] {
                try await engine.expectRefusal(
                    ["cp", "\(here)/file", "aa:\(target)"], exit: 1, saying: "mounted volume is marked read-only")
            }
            #expect(engine.mountPoints.isEmpty, "\(engine.mountPoints)")
            try await engine.kenter("start", "aa")
            #expect(try await engine.kenter("exec", "aa", "cat", "/run/data/file") == "mine")
        }
    }
}
