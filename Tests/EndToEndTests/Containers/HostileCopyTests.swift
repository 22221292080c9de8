import Glibc
import JSONRPC
import TestSupport
import Testing

/// Containers, and archives for them, that want a copy to reach the host.
@Suite struct HostileCopyTests {
    /// A directory of the host with one file, that no copy may read or write.
    private static func forbidden(_ engine: TestEngine) throws -> String {
        let path = "\(engine.directory)/forbidden"
        mkdir(path, 0o755)
        try TextFile.write("the host's", to: "\(path)/secret")
        return path
    }

    private static func expectUntouched(_ path: String) {
        #expect(TextFile.names(in: path) == ["secret"])
        #expect(TextFile.read("\(path)/secret") == "the host's")
    }

    @Test(arguments: [true, false])
    func linksOfAContainerLeadACopyNowhere(running: Bool) async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let forbidden = try Self.forbidden(engine)
            let script = """
                ln -s / /x; ln -s ../../../../../../../../.. /y; ln -s /proc/1/root /z; ln -s /proc/self/cwd /w
                ln -s \(forbidden)/secret /direct; ln -s \(forbidden) /way; touch /ready; sleep 1d
                """
            try await engine.kenter("run", "-d", "--name", "aa", "busybox", "sh", "-c", script)
            #expect(await eventually { (try? await engine.kenter(["exec", "aa", "ls", "/ready"]).exit) == 0 })
            if !running { try await engine.kenter("stop", "-t", "0", "aa") }
            let (planted, out) = ("\(engine.directory)/planted", "\(engine.directory)/out")
            try TextFile.write("planted", to: planted)
            for way in ["x", "y", "z", "w"] {
                for options in [[], ["-L"]] {
                    let read = try await engine.kenter(["cp"] + options + ["aa:/\(way)\(forbidden)/secret", out])
                    #expect(read.exit == 1 && access(out, F_OK) != 0, "\(read)")
                }
                for target in ["\(forbidden)/planted", "\(forbidden)/secret", forbidden] {
                    let written = try await engine.kenter(["cp", planted, "aa:/\(way)\(target)"])
                    #expect(written.exit == 1, "\(written)")
                }
            }
            for path in ["/direct", "/way/secret", "/way/."] {
                let read = try await engine.kenter(["cp", "-L", "aa:\(path)", out])
                #expect(read.exit == 1 && access(out, F_OK) != 0, "\(read)")
            }
            _ = try await engine.kenter(["cp", planted, "aa:/way/planted"])
            Self.expectUntouched(forbidden)
            // Inside the container, links are links.
            try await engine.kenter("cp", planted, "aa:/y/tmp/planted")
            try await engine.kenter("cp", "aa:/x/tmp/planted", out)
            #expect(TextFile.read(out) == "planted")
        }
    }

    @Test func linksThatChangeWhileTheyAreCopiedLeadNowhere() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let forbidden = try Self.forbidden(engine)
            let script = """
                while :; do
                    mkdir -p /swap/in/\(String(repeating: "d/", count: 8)); echo mine > /swap/secret
                    mv /swap /away; ln -s \(forbidden) /swap; rm -f /swap; rm -rf /away
                    mkdir /swap; ln -s \(forbidden) /swap/in; rm -rf /swap
                done
                """
            try await engine.kenter("run", "-d", "--name", "aa", "busybox", "sh", "-c", script)
            let source = "\(engine.directory)/tree"
            try await Command.succeed(["mkdir", "-p", "\(source)/in/d"])
            try TextFile.write("planted", to: "\(source)/in/planted")
            try TextFile.write("planted", to: "\(source)/planted")
            for number in 1...25 {
                let out = "\(engine.directory)/out\(number)"
                _ = try await engine.kenter(["cp", "-q", "-L", "aa:/swap/secret", "\(out)-file"])
                _ = try await engine.kenter(["cp", "-q", "aa:/swap/.", "\(out)-all"])
                // A link is copied as a link, and it is this test that would follow it.
                var inner = stat()
                let isLink = lstat("\(out)-all/in", &inner) == 0 && inner.st_mode & S_IFMT == S_IFLNK
                let paths = ["\(out)-file", "\(out)-all/secret"] + (isLink ? [] : ["\(out)-all/in/secret"])
                for path in paths where access(path, F_OK) == 0 {
                    #expect(["mine\n", "", "planted"].contains(TextFile.read(path)), "\(path)")
                }
                _ = try await engine.kenter(["cp", "-q", "\(source)/.", "aa:/swap"])
                _ = try await engine.kenter(["cp", "-q", "\(source)/in", "aa:/swap/"])
                _ = try await engine.kenter(["cp", "-q", "\(source)/planted", "aa:/swap/secret"])
                Self.expectUntouched(forbidden)
            }
        }
    }

    @Test(arguments: [true, false])
    func archivesThatWantOutOfAContainerAreRefusedOrContained(running: Bool) async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let forbidden = try Self.forbidden(engine)
            try await engine.kenter("run", "-d", "--name", "aa", "busybox", "sleep", "1d")
            if !running { try await engine.kenter("stop", "-t", "0", "aa") }
            var archives: [TarArchive] = []
            for name in ["../../../..\(forbidden)/planted", "a/../../..\(forbidden)/planted", "\(forbidden)/planted"] {
                var tar = TarArchive()
                tar.add(name, "planted")
                archives.append(tar)
            }
            var links = TarArchive()
            links.add("way", .symbolicLink("../../../../../../../..\(forbidden)"))
            links.add("way/planted", "planted")
            archives.append(links)
            var hard = TarArchive()
            hard.add("second", .hardLink("../../../../../..\(forbidden)/secret"))
            hard.add("second", "planted")
            archives.append(hard)
            for tar in archives {
                let result = try await Self.unpack(tar, "/tmp", engine)
                #expect(result.exit <= 1 && !result.errors.contains("without saying why"), "\(result)")
                Self.expectUntouched(forbidden)
            }
            var devices = TarArchive()
            devices.add("disk", .characterDevice(major: 1, minor: 5))
            devices.add("file", "taken")
            let result = try await Self.unpack(devices, "/tmp", engine)
            #expect(result.exit == 0 && result.errors == "kenter: left out disk: a device\n", "\(result)")
            if !running { try await engine.kenter("start", "aa") }
            #expect(
                try await engine.kenter("exec", "aa", "sh", "-c", "cat /tmp/file; ls /tmp | grep disk || :") == "taken")
        }
    }

    private static func unpack(_ tar: TarArchive, _ path: String, _ engine: TestEngine) async throws -> CommandResult {
        try await Command.run(
            [BuildProducts.executable("kenter"), "cp", "-", "aa:\(path)"], input: tar.bytes,
            environment: engine.environment)
    }

    @Test func whatIsNoFileIsLeftOutAndHoldsUpNothing() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let script = """
                mkdir /odd; mkfifo /odd/pipe; mknod /odd/disk b 254 0; echo file > /odd/file; mkdir /odd/shut; chmod 0 /odd/shut
                touch /ready; sleep 1d
                """
            try await engine.kenter("run", "-d", "--cap-add", "MKNOD", "--name", "aa", "busybox", "sh", "-c", script)
            #expect(await eventually { (try? await engine.kenter(["exec", "aa", "ls", "/ready"]).exit) == 0 })
            let out = "\(engine.directory)/odd"
            let result = try await engine.kenter(["cp", "-q", "aa:/odd", out])
            #expect(result.exit == 0, "\(result)")
            #expect(
                result.errors.split(separator: "\n").sorted() == [
                    "kenter: left out odd/disk: a device", "kenter: left out odd/pipe: a named pipe",
                ])
            #expect(TextFile.names(in: out).sorted() == ["file", "shut"])
            for path in ["/proc/cpuinfo", "/proc", "/sys/kernel", "/proc/1/environ"] {
                try await engine.expectRefusal(["cp", "aa:\(path)", "\(out)-kernel"], exit: 1, saying: "the kernel")
            }
            let whole = try await Command.run(
                [
                    "sh", "-c", "\"$1\" cp aa:/ - | tar -t | grep -E '^./(proc|sys)/.|^./dev/null$|^./odd/file$'", "-",
                    BuildProducts.executable("kenter"),
                ],
                environment: engine.environment)
            #expect(whole.lines.sorted() == ["./dev/null", "./odd/file"], "\(whole)")
        }
    }
}
