import CLinux
import ChildProcess
import Glibc
import TestSupport
import Testing

/// Archives and containers that want more than to be copied.
@Suite struct HostileArchiveTests {
    @Test func `an entry that climbs is refused, and an absolute one is inside`() async throws {
        try await CopyScene.with { scene in
            let target = scene.directory("target")
            for name in ["../escaped", "a/../../escaped", "a/.."] {
                var tar = TarArchive()
                tar.add(name, "out")
                let result = try await scene.host("unpack", [], target, input: tar.bytes)
                #expect(result.status == .exited(1) && result.message.contains("climbs with '..'"), "\(result.message)")
            }
            var tar = TarArchive()
            tar.add("\(scene.path)/escaped", "inside")
            #expect(try await scene.host("unpack", [], target, input: tar.bytes).status == .exited(0))
            #expect(TextFile.read("\(target)\(scene.path)/escaped") == "inside")
            #expect(access("\(scene.path)/escaped", F_OK) != 0)
        }
    }

    @Test func `no link is followed below the destination`() async throws {
        try await CopyScene.with { scene in
            let (target, outside) = (scene.directory("target"), scene.directory("outside"))
            try TextFile.write("kept", to: "\(outside)/file")
            symlink(outside, "\(target)/there")
            symlink("\(outside)/file", "\(target)/name")
            for way in ["way", "there"] {
                var tar = TarArchive()
                if way == "way" { tar.add("way", .symbolicLink(outside)) }
                tar.add("\(way)/file", "changed")
                let result = try await scene.host("unpack", [], target, input: tar.bytes)
                #expect(result.status == .exited(1) && result.message.contains("not followed"), "\(result.message)")
                tar = TarArchive()
                tar.add(way, .directory)
                tar.add("\(way)/file", "changed")
                #expect(try await scene.host("unpack", [], target, input: tar.bytes).status == .exited(1))
            }
            // What is in the place of a file goes, where it leads to stays.
            var tar = TarArchive()
            tar.add("name", "new")
            #expect(try await scene.host("unpack", [], target, input: tar.bytes).status == .exited(0))
            #expect(TextFile.read("\(target)/name") == "new")
            #expect(TextFile.read("\(outside)/file") == "kept")
            #expect(TextFile.names(in: outside) == ["file"])
        }
    }

    @Test(arguments: ["../outside/file", "/outside/file", "there/file", "missing"])
    func `a hard link leads to no file outside`(_ target: String) async throws {
        try await CopyScene.with { scene in
            let (directory, outside) = (scene.directory("target"), scene.directory("outside"))
            try TextFile.write("kept", to: "\(outside)/file")
            symlink(outside, "\(directory)/there")
            var tar = TarArchive()
            tar.add("second", .hardLink(target))
            tar.add("second", "changed")
            _ = try await scene.host("unpack", [], directory, input: tar.bytes)
            var status = stat()
            #expect(stat("\(outside)/file", &status) == 0 && status.st_nlink == 1)
            #expect(TextFile.read("\(outside)/file") == "kept")
        }
    }

    @Test func `on the host neither devices nor powers are made`() async throws {
        try await CopyScene.with { scene in
            let target = scene.directory("target")
            var tar = TarArchive()
            tar.add("disk", .characterDevice(major: 1, minor: 5))
            tar.add("pipe", .fifo)
            tar.add(
                "program", .file([1]), mode: 0o6755, owner: 0,
                extended: [("SCHILY.xattr.security.capability", [1, 0, 0, 2] + [UInt8](repeating: 0xff, count: 16))])
            tar.add("open", .directory, mode: 0o7777)
            for options in [[], ["--owners"]] {
                let result = try await scene.host("unpack", options, target, input: tar.bytes)
                #expect(result.status == .exited(0), "\(result.message)")
                #expect(result.message == "note disk: a device\nnote pipe: a named pipe")
                #expect(TextFile.names(in: target).sorted() == ["open", "program"])
                for (name, mode) in [("program", 0o755), ("open", 0o777)] as [(String, mode_t)] {
                    var status = stat()
                    #expect(stat("\(target)/\(name)", &status) == 0 && status.st_mode & 0o7777 == mode, "\(name)")
                }
                #expect(getxattr("\(target)/program", "security.capability", nil, 0) < 0)
            }
        }
    }

    @Test func `an archive that ends too early is refused, however much it promises`() async throws {
        try await CopyScene.with { scene in
            let target = scene.directory("target")
            var tar = TarArchive()
            tar.add("huge", .file([7]), extended: [("size", Array("9000000000000000000".utf8))])
            let result = try await scene.host("unpack", [], target, input: tar.bytes)
            #expect(result.status == .exited(1), "\(result.message)")
            var status = stat()
            #expect(stat("\(target)/huge", &status) != 0 || status.st_blocks < 16)
            tar = TarArchive()
            tar.add("half", .file([UInt8](repeating: 7, count: 100_000)))
            let cut = try await scene.host("unpack", [], target, input: Array(tar.bytes.prefix(50_000)))
            #expect(cut.status == .exited(1) && cut.message.hasPrefix("invalid the archive cannot be read"))
        }
    }

    @Test func `capabilities that are none, or no program's, are left out`() async throws {
        try await CopyScene.with { scene in
            let root = scene.directory("root")
            let long = [UInt8](repeating: 1, count: 65)
            var tar = TarArchive()
            tar.add("long", .file([1]), extended: [("SCHILY.xattr.security.capability", long)])
            tar.add("dir", .directory, extended: [("SCHILY.xattr.security.capability", long)])
            let result = try await scene.inside(root, "unpack", ["--owners"], "/", input: tar.bytes)
            #expect(result.status == .exited(0), "\(result.message)")
            #expect(getxattr("\(root)/long", "security.capability", nil, 0) < 0)
        }
    }

    @Test func `the reason is told behind as many notes as there may be`() async throws {
        try await CopyScene.with { scene in
            let target = scene.directory("target")
            var tar = TarArchive()
            for number in 1...120 {
                tar.add("\(number)" + String(repeating: "\u{1}", count: 240), .characterDevice(major: 1, minor: 5))
            }
            tar.add("..", "out")
            let result = try await scene.host("unpack", [], target, input: tar.bytes)
            #expect(result.message.hasSuffix("invalid the archive holds the path '..', which climbs with '..'"))
            #expect(result.message.utf8.count < 60_000, "\(result.message.utf8.count)")
            #expect(result.message.split(separator: "\n").count == 102)
        }
    }

    @Test func `what no archive is unpacked with is left out`() async throws {
        try await CopyScene.with { scene in
            let (root, name) = (scene.directory("root"), String(repeating: "n", count: 255))
            // Deeper than a path can say.
            let make = "i=0; while [ $i -lt 18 ]; do mkdir \(name) && cd -P \(name) || exit 1; i=$((i+1)); done"
            _ = try await Command.run(["sh", "-c", "cd \(root) && \(make)"])
            let packed = try await scene.inside(root, "pack", [], "/")
            #expect(packed.status == .exited(0) && packed.message.hasSuffix(": its path is too long"))
            let target = scene.directory("target")
            let result = try await scene.inside(target, "unpack", [], "/", input: packed.standardOutput)
            #expect(result.status == .exited(0), "\(result.message)")
        }
    }

    @Test func `what is as deep as an archive may be is unpacked again`() async throws {
        try await CopyScene.with { scene in
            let (root, target) = (scene.directory("root"), scene.directory("target"))
            let make = "i=0; while [ $i -lt $1 ]; do mkdir d && cd -P d || exit 1; i=$((i+1)); done; echo > file"
            // With the first directory and the file.
            for (depth, isPacked) in [(254, true), (255, false)] {
                _ = try await Command.run(["sh", "-c", "cd \(root) && rm -rf d && \(make)", "-", "\(depth)"])
                let packed = try await scene.host("pack", [], root)
                #expect(packed.status == .exited(isPacked ? 0 : 1), "\(packed.message)")
                guard isPacked else { continue }
                let result = try await scene.host("unpack", [], target, input: packed.standardOutput)
                #expect(result.status == .exited(0), "\(result.message)")
            }
        }
    }

    @Test func `a container's files are read without its proc`() async throws {
        try await CopyScene.with { scene in
            let root = scene.directory("root")
            mkdir("\(root)/proc", 0o755)
            symlink("/proc", "\(root)/self")
            try TextFile.write("mine", to: "\(root)/file")
            chmod("\(root)/file", 0)
            let packed = try await scene.inside(root, "pack", [], "/")
            #expect(packed.status == .exited(0), "\(packed.message)")
            let target = scene.directory("target")
            _ = try await scene.host("unpack", [], target, input: packed.standardOutput)
            #expect(TextFile.read("\(target)/file") == "mine")
        }
    }

    @Test func `holes stay holes`() async throws {
        try await CopyScene.with { scene in
            let (source, target) = ("\(scene.path)/source", "\(scene.path)/copy")
            let file = open(source, O_WRONLY | O_CREAT, 0o600)
            #expect(ftruncate(file, 8 << 20) == 0 && pwrite(file, "end", 3, 8 << 20) == 3)
            close(file)
            let packed = try await scene.host("pack", [], source)
            #expect(packed.status == .exited(0) && packed.standardOutput.count > 8 << 20)
            let result = try await scene.host("unpack", ["--place"], target, input: packed.standardOutput)
            #expect(result.status == .exited(0), "\(result.message)")
            var status = stat()
            #expect(stat(target, &status) == 0 && status.st_size == 8 << 20 + 3 && status.st_blocks < 2048)
            try await Command.succeed(["cmp", source, target])
        }
    }

    @Test(arguments: ["/", "../../../../../../../..", "/proc/self/root", "/proc/1/root"])
    func `the host's root is not reached by a link, whoever asks`(_ link: String) async throws {
        try await CopyScene.with { scene in
            let root = scene.directory("root")
            try TextFile.write("the host's", to: "\(scene.path)/secret")
            symlink(link, "\(root)/x")
            for options in [[], ["--follow"]] {
                let out = try await scene.inside(root, "pack", options, "/x\(scene.path)/secret")
                #expect(out.status == .exited(1) && out.message.hasPrefix("missing "), "\(out.message)")
            }
            var tar = TarArchive()
            tar.add("secret", "planted")
            for options in [[], ["--place"]] {
                let result = try await scene.inside(root, "unpack", options, "/x\(scene.path)", input: tar.bytes)
                #expect(result.status == .exited(1), "\(result.message)")
            }
            #expect(TextFile.read("\(scene.path)/secret") == "the host's")
        }
    }

    @Test func aProcessThatCopiesHasNoPowersButThoseOverFiles() async throws {
        try await CopyScene.with { scene in
            let root = scene.directory("root")
            let descriptor = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            let input = Pipe()
            let pid = try ChildProcess(
                BuildProducts.executable("kenter-copy"), ["unpack", "--root", "/"],
                descriptors: [0: input.reading, 3: descriptor]
            ).spawn()
            close(descriptor)
            close(input.reading)
            let isConfined = await eventually {
                let lines = TextFile.read("/proc/\(pid)/status").split(separator: "\n")
                return ["CapEff:\t000000008000001b", "CapPrm:\t000000008000001b", "NoNewPrivs:\t1"].allSatisfy { line in
                    lines.contains { $0 == line }
                }
            }
            #expect(isConfined, "\(TextFile.read("/proc/\(pid)/status"))")
            let seen = try await Command.succeed(["readlink", "/proc/\(pid)/root"]).line
            #expect(seen == root)
            // Its streams, and the root it was given: nothing else of the host is open.
            #expect(TextFile.names(in: "/proc/\(pid)/fd").count <= 4)
            close(input.writing)
            #expect(ExitStatus.wait(for: pid) == .exited(0))
        }
    }
}
