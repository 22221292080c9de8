import JSONRPC
import TestSupport
import Testing

@Suite struct VolumeTests {
    @Test func dataOnANamedVolumeSurvivesItsContainer() async throws {
        try await TestEngine.with(images: ["busybox", "bb-vol"]) { engine in
            try await engine.kenter("run", "--name", "aa", "-v", "data:/d", "busybox", "sh", "-c", "echo kept >/d/f")
            try await engine.kenter("rm", "-v", "aa")
            #expect(try await engine.kenter("run", "--rm", "-v", "data:/d", "busybox", "cat", "/d/f") == "kept")
            #expect(try await engine.kenter("volume", "ls", "-q") == "data")
            let refused = try await engine.kenter([
                "run", "--rm", "-v", "data:/d:ro", "busybox", "sh", "-c", "echo x >/d/f",
            ])
            #expect(refused.exit == 1 && refused.errors.contains("Read-only file system"), "\(refused)")
            try await engine.stop()
            try await engine.start()
            #expect(try await engine.kenter("run", "--rm", "-v", "data:/d", "busybox", "cat", "/d/f") == "kept")
            try await engine.kenter("volume", "rm", "data")
            #expect(try await engine.kenter("volume", "ls", "-q").isEmpty)
        }
    }

    @Test func anImagesVolumeIsFilledFromTheImageWhenNew() async throws {
        try await TestEngine.with(images: ["busybox", "bb-vol"]) { engine in
            try await engine.kenter("run", "-d", "--name", "aa", "bb-vol", "sleep", "1d")
            #expect(try await engine.kenter("exec", "aa", "cat", "/data/seed") == "seeded")
            #expect(
                try await engine.kenter("run", "--rm", "--volumes-from", "aa", "busybox", "cat", "/data/seed")
                    == "seeded")
            try await engine.kenter("rm", "-f", "-v", "aa")
            #expect(try await engine.kenter("volume", "ls", "-q").isEmpty)
            try await engine.kenter("run", "--rm", "-v", "named:/data", "bb-vol", "rm", "/data/seed")
            #expect(try await engine.kenter("run", "--rm", "-v", "named:/data", "bb-vol", "ls", "/data").isEmpty)
        }
    }

    @Test func bindsAndTmpfsAreMounted() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await Command.succeed(["mkdir", "\(engine.directory)/h"])
            try TextFile.write("host\n", to: "\(engine.directory)/h/f")
            #expect(
                try await engine.kenter("run", "--rm", "-v", "\(engine.directory)/h:/h:ro", "busybox", "cat", "/h/f")
                    == "host")
            let mount = "type=bind,source=\(engine.directory)/h,target=/h,readonly"
            #expect(try await engine.kenter("run", "--rm", "--mount", mount, "busybox", "cat", "/h/f") == "host")
            let tmpfs = try await engine.kenter(
                "run", "--rm", "--mount", "type=tmpfs,target=/t", "busybox", "grep", " /t ", "/proc/mounts")
            #expect(tmpfs.contains("tmpfs"))
        }
    }

    @Test func aBindNeverReachesTheEnginesOwnFiles() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let (source, own) = ("\(engine.directory)/h", "the engine's own")
            try await Command.succeed(["ln", "-s", engine.root, "\(engine.directory)/link"])
            for path in [engine.root, "\(engine.directory)/link/tmp", engine.socket, engine.directory, "/"] {
                try await engine.expectRefusal(["run", "--rm", "-v", "\(path):/x", "busybox", "true"], saying: own)
            }
            // What the name stands for is looked at when the container starts, too.
            try await Command.succeed(["mkdir", source])
            try await engine.kenter("create", "--name", "aa", "-v", "\(source):/x", "busybox", "true")
            try await Command.succeed(["rmdir", source])
            try await Command.succeed(["ln", "-s", engine.root, source])
            try await engine.expectRefusal(["start", "aa"], exit: 1, saying: own)
            // One container's permission is not another's.
            try await engine.kenter(
                "create", "--name", "trusted", "--engine-access", "-v", "\(engine.root):/x", "busybox", "true")
            try await engine.expectRefusal(
                ["run", "--rm", "--volumes-from", "trusted", "busybox", "true"], saying: own)
            #expect(
                try await engine.kenter(
                    "run", "--rm", "--engine-access", "--volumes-from", "trusted", "busybox", "ls", "/x"
                ).contains("state.db"))
        }
    }

    @Test func aMissingSourceIsMadeByTheStartAndNotByARefusedCall() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let source = "\(engine.directory)/made/deep"
            try await engine.expectRefusal(
                ["run", "--rm", "-v", "\(source):/x", "--link", "nobody:n", "busybox", "true"], saying: "nobody")
            #expect(try await Command.run(["test", "-e", "\(engine.directory)/made"]).exit == 1)
            try await engine.kenter("run", "--rm", "-v", "\(source):/x", "busybox", "touch", "/x/f")
            #expect(try await Command.run(["test", "-e", "\(source)/f"]).exit == 0)
            try await engine.expectRefusal(
                ["run", "--rm", "--mount", "type=bind,source=/no/such,target=/x", "busybox", "true"],
                saying: "bind source path does not exist: /no/such")
        }
    }

    @Test func badVolumesAreRefusedAndLeaveNothing() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            for (volume, text) in [
                ("a!b:/x", #""a!b" includes invalid characters for a local volume name"#),
                ("rel/path:/x", "If you intended to pass a host directory, use absolute path"),
                ("data:/", "destination can't be '/'"), ("data:/x:zz", "invalid mode: zz"),
                ("\(engine.root):/x", "engine"),
                ("data:/proc/x", "/proc"), ("data:/a/../b", ".."),
            ] {
                try await engine.expectRefusal(["run", "--rm", "-v", volume, "busybox", "true"], saying: text)
            }
            try await engine.expectRefusal(
                ["run", "--rm", "-v", "one:/x", "-v", "two:/x", "busybox", "true"], saying: "Duplicate mount point: /x")
            try await engine.expectRefusal(["volume", "rm", "nosuch"], exit: 1, saying: "No such volume: nosuch")
        }
    }
}
