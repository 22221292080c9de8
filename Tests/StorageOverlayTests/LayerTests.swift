import Glibc
import JSONRPC
import KenterProtocol
import TestSupport
import Testing

/// Good layers, driven through the built plugin.
@Suite struct LayerTests {
    private static func sample() -> TarArchive {
        var tar = TarArchive()
        tar.add("./", .directory, mode: 0o755)
        tar.add("etc/", .directory, mode: 0o1777, owner: 5, group: 6, modified: 1000)
        tar.add("etc/sudo", .file(Array("hello".utf8)), mode: 0o4755, owner: 7, group: 8, modified: 123_456)
        tar.add("etc/same", .hardLink("etc/sudo"))
        tar.add("etc/link", .symbolicLink("/etc/passwd"))
        tar.add("pipe", .fifo)
        tar.add("null", .characterDevice(major: 1, minor: 3), mode: 0o666)
        tar.add(String(repeating: "long/", count: 40) + "ü", "deep")
        tar.add(
            "attributes",
            extended: [
                ("SCHILY.xattr.user.note", Array("kept".utf8)),
                ("SCHILY.xattr.trusted.overlay.redirect", Array("/x".utf8)),
                ("SCHILY.xattr.security.selinux", Array("label".utf8)),
                ("SCHILY.xattr.security.capability", [1, 0, 0, 2, 0, 32] + [UInt8](repeating: 0, count: 14)),
            ])
        return tar
    }

    @Test(arguments: ["", "gzip", "zstd"])
    func `a layer unpacks to what it says, whatever its compression`(_ tool: String) async throws {
        try await withPlugin { plugin, scratch in
            let plain = try await scratch.blob(Self.sample().bytes)
            let blob =
                tool.isEmpty
                ? plain : try await scratch.compressed(Self.sample().bytes, tool, tool == "gzip" ? "gz" : "zst")
            let applied = try await plugin.call(blob.apply())
            #expect(applied.diffId == plain.digest)
            #expect(applied.sizeBytes == 9)

            let layer = try scratch.layer()
            let sudo = try FileStatus("\(layer)/etc/sudo")
            #expect(sudo.mode == S_IFREG | 0o4755 && sudo.owner == 7 && sudo.group == 8 && sudo.modified == 123_456)
            #expect(try FileStatus("\(layer)/etc/same").inode == sudo.inode)
            let etc = try FileStatus("\(layer)/etc")
            #expect(etc.mode == S_IFDIR | 0o1777 && etc.owner == 5 && etc.group == 6 && etc.modified == 1000)
            #expect(try FileStatus("\(layer)/etc/link").mode & S_IFMT == S_IFLNK)
            #expect(try FileStatus("\(layer)/pipe").mode & S_IFMT == S_IFIFO)
            #expect(try FileStatus("\(layer)/null").device == 0x103)
            #expect(TextFile.read("\(layer)/" + String(repeating: "long/", count: 40) + "ü") == "deep")
            #expect(ExtendedAttribute.names(of: "\(layer)/attributes") == ["security.capability", "user.note"])
        }
    }

    @Test func `an archive without its end marker is whole at the end of an entry`() async throws {
        try await withPlugin { plugin, scratch in
            var tar = TarArchive()
            tar.add("a", "1")
            let applied = try await plugin.call(try await scratch.blob(tar.entries).apply())
            #expect(applied.sizeBytes == 1)
        }
    }

    @Test func `an empty archive is an empty layer`() async throws {
        try await withPlugin { plugin, scratch in
            let applied = try await plugin.call(try await scratch.compressed(TarArchive().bytes, "gzip", "gz").apply())
            #expect(applied.sizeBytes == 0)
        }
    }

    @Test func `a layer is applied once, however often and by how many it is asked for`() async throws {
        try await withPlugin { plugin, scratch in
            let blob = try await scratch.blob(Self.sample().bytes)
            let states = try await withThrowingTaskGroup(of: JSONObject.self) { group in
                for _ in 0..<8 { group.addTask { try await plugin.call(blob.apply()).state } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(states.count == 8 && states.allSatisfy { $0 == states[0] })
            let inode = try FileStatus(try scratch.layer()).inode
            _ = try await plugin.call(blob.apply())
            #expect(try FileStatus(scratch.layer()).inode == inode)
            #expect(TextFile.names(in: "\(scratch.state)/tmp").isEmpty)
        }
    }

    @Test func `a removed layer is gone, and removing it again succeeds`() async throws {
        try await withPlugin { plugin, scratch in
            let blob = try await scratch.blob(Self.sample().bytes)
            _ = try await plugin.call(blob.apply())
            _ = try await plugin.call(ProviderLayerRemove(digest: blob.digest))
            _ = try await plugin.call(ProviderLayerRemove(digest: blob.digest))
            #expect(TextFile.names(in: "\(scratch.state)/l").isEmpty)
            #expect(TextFile.names(in: "\(scratch.state)/tmp").isEmpty)
        }
    }

    @Test func `of two entries with one name the later counts`() async throws {
        try await withPlugin { plugin, scratch in
            var tar = TarArchive()
            tar.add("a/b/c", "under")
            tar.add("a", "file")
            tar.add("d", .symbolicLink("a"))
            tar.add("d/", .directory)
            tar.add("d/e", "in a directory")
            _ = try await plugin.call(try await scratch.blob(tar.bytes).apply())
            let layer = try scratch.layer()
            #expect(TextFile.read("\(layer)/a") == "file")
            #expect(TextFile.read("\(layer)/d/e") == "in a directory")
        }
    }

    @Test func `a whiteout that went with its directory hides nothing that comes later`() async throws {
        try await withPlugin { plugin, scratch in
            var tar = TarArchive()
            tar.add("a/.wh.b", "")
            tar.add("a", "file")
            tar.add("a/", .directory)
            tar.add("a/b/c", "under")
            tar.add("d/.wh.e", "")
            tar.add("d", "file")
            tar.add("d/", .directory)
            tar.add("d/e", "file again")
            _ = try await plugin.call(try await scratch.blob(tar.bytes).apply())
            let layer = try scratch.layer()
            #expect(TextFile.read("\(layer)/a/b/c") == "under")
            #expect(TextFile.read("\(layer)/d/e") == "file again")
        }
    }

    @Test func `a plugin killed while it unpacks leaves nothing that the next one trips over`() async throws {
        let scratch = try Scratch()
        var tar = TarArchive()
        let content = (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for index in 0..<600 { tar.add("file-\(index)", .file(content)) }
        let blob = try await scratch.blob(tar.bytes)
        for _ in 0..<3 {
            let plugin = try await DrivenPlugin.start(scratch.state)
            async let interrupted = plugin.refusal(of: blob.apply())
            let started = await eventually { !TextFile.names(in: "\(scratch.state)/tmp").isEmpty }
            #expect(started)
            await plugin.killNow()
            #expect(try await interrupted.kind == .unavailable)
        }
        let plugin = try await DrivenPlugin.start(scratch.state)
        #expect(TextFile.names(in: "\(scratch.state)/tmp").isEmpty)
        #expect(try await plugin.call(blob.apply()).sizeBytes == 600 * 65_536)
        await plugin.killNow()
        try await scratch.remove()
    }
}

/// What lstat(2) says of a file.
struct FileStatus {
    var mode: UInt32
    var owner: UInt32
    var group: UInt32
    var modified: Int
    var inode: UInt64
    var device: UInt64

    init(_ path: String) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw CommandFailure("there is no \(path)") }
        (mode, owner, group) = (status.st_mode, status.st_uid, status.st_gid)
        (modified, inode, device) = (status.st_mtim.tv_sec, UInt64(status.st_ino), UInt64(status.st_rdev))
    }
}

extension Scratch {
    /// The directory of the only layer.
    func layer() throws -> String {
        let names = TextFile.names(in: "\(state)/l").filter { !$0.hasSuffix(".json") }
        guard names.count == 1 else { throw CommandFailure("the layers are \(names)") }
        return "\(state)/l/\(names[0])"
    }
}
