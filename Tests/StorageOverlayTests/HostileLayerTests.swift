import Glibc
import JSONRPC
import KenterProtocol
import TestSupport
import Testing

/// Layers that want more than to be unpacked: each is refused, and nothing of it stays.
@Suite struct HostileLayerTests {
    private func expectRefusal(
        _ bytes: [UInt8], _ kind: RPCError.Kind = .invalidParams, naming text: String, config: JSONObject = [:]
    ) async throws {
        try await withPlugin(config: config) { plugin, scratch in
            let refusal = try await plugin.refusal(of: try await scratch.blob(bytes).apply())
            #expect(refusal.kind == kind)
            #expect(refusal.message.contains(text), "\(refusal.message)")
            #expect(TextFile.names(in: "\(scratch.state)/l").isEmpty)
            #expect(TextFile.names(in: "\(scratch.state)/tmp").isEmpty)
        }
    }

    @Test(arguments: ["../escaped", "a/../../escaped", "a/.."])
    func `a name that climbs is refused`(_ name: String) async throws {
        var tar = TarArchive()
        tar.add(name, "out")
        try await expectRefusal(tar.bytes, naming: "climbs with '..'")
    }

    @Test func `an absolute name is one inside the layer`() async throws {
        try await withPlugin { plugin, scratch in
            var tar = TarArchive()
            tar.add("\(scratch.path)/escaped", "inside")
            _ = try await plugin.call(try await scratch.blob(tar.bytes).apply())
            #expect(access("\(scratch.path)/escaped", F_OK) != 0)
            let layer = try scratch.layer()
            #expect(TextFile.read("\(layer)\(scratch.path)/escaped") == "inside")
        }
    }

    @Test(arguments: ["/", "../../../../../../..", "/proc/self/root"])
    func `a link to the host's root leads to the layer's`(_ target: String) async throws {
        try await withPlugin { plugin, scratch in
            let outside = "\(scratch.path)/escaped"
            var tar = TarArchive()
            tar.add("way", .symbolicLink(target))
            tar.add("way\(outside)", "inside")
            _ = try? await plugin.call(try await scratch.blob(tar.bytes).apply())  // Refused or kept inside: both hold.
            #expect(access(outside, F_OK) != 0)
        }
    }

    @Test(arguments: ["way/file", "way/on/file"])
    func `a link that leads nowhere is no directory`(_ name: String) async throws {
        var tar = TarArchive()
        tar.add("way", .symbolicLink("/nowhere"))
        tar.add(name, "lost")
        try await expectRefusal(tar.bytes, naming: "way")
    }

    @Test(arguments: ["../../etc/passwd", "/etc/passwd", "missing"])
    func `a hard link leads to no file of the host`(_ target: String) async throws {
        var tar = TarArchive()
        tar.add("passwd", .hardLink(target))
        try await expectRefusal(tar.bytes, naming: target == "missing" ? "missing" : "passwd")
    }

    @Test func `a hard link through a link stays inside`() async throws {
        var tar = TarArchive()
        tar.add("root", .symbolicLink("/"))
        tar.add("passwd", .hardLink("root/etc/passwd"))
        try await expectRefusal(tar.bytes, naming: "passwd")
    }

    @Test(arguments: [".wh.", "a/.wh..", "a/.wh...", ".wh.a/b"])
    func `a whiteout of no name is refused`(_ name: String) async throws {
        var tar = TarArchive()
        tar.add(name, "")
        try await expectRefusal(tar.bytes, naming: "whiteout")
    }

    @Test func `a file that unpacks to too many bytes is refused`() async throws {
        var tar = TarArchive()
        tar.add("zeros", .file([UInt8](repeating: 0, count: 2_000_000)))
        try await expectRefusal(
            tar.bytes, .exhausted, naming: "1000000 bytes", config: ["layerLimits": ["sizeBytes": 1_000_000]])
    }

    @Test func `a compressed bomb is refused by its ratio`() async throws {
        try await withPlugin(config: ["layerLimits": ["ratio": 100, "ratioFreeBytes": 1_000_000]]) { plugin, scratch in
            var tar = TarArchive()
            tar.add("zeros", .file([UInt8](repeating: 0, count: 20_000_000)))
            let blob = try await scratch.compressed(tar.bytes, "gzip", "gz")
            let refusal = try await plugin.refusal(of: blob.apply())
            #expect(refusal.kind == .exhausted && refusal.message.contains("100 times its size"))
            #expect(TextFile.names(in: "\(scratch.state)/tmp").isEmpty)
        }
    }

    @Test func `a file that claims to be sparse and endless is refused`() async throws {
        var tar = TarArchive()
        tar.add(
            "endless", .file(Array("0\n".utf8) + [UInt8](repeating: 0, count: 510)),
            extended: [
                ("GNU.sparse.major", [0x31]), ("GNU.sparse.minor", [0x30]), ("GNU.sparse.name", Array("endless".utf8)),
                ("GNU.sparse.realsize", Array("4611686018427387904".utf8)),
            ])
        try await expectRefusal(tar.bytes, .exhausted, naming: "bytes")
    }

    @Test func `too many entries are refused`() async throws {
        var tar = TarArchive()
        for index in 0..<200 { tar.add("file-\(index)", "") }
        try await expectRefusal(tar.bytes, .exhausted, naming: "100 entries", config: ["layerLimits": ["entries": 100]])
    }

    @Test func `directories that an archive leaves out count as entries`() async throws {
        var tar = TarArchive()
        for index in 0..<2 { tar.add(String(repeating: "\(index)/", count: 60) + "file", "") }
        try await expectRefusal(tar.bytes, .exhausted, naming: "100 entries", config: ["layerLimits": ["entries": 100]])
    }

    @Test func `a path longer than Linux takes is refused`() async throws {
        var tar = TarArchive()
        tar.add(String(repeating: "directory/", count: 500), "")
        try await expectRefusal(tar.bytes, naming: "path of 5000 bytes")
    }

    @Test func `a layer of another digest is refused`() async throws {
        try await withPlugin { plugin, scratch in
            var tar = TarArchive()
            tar.add("a", "1")
            let blob = try await scratch.blob(tar.bytes)
            var apply = blob.apply()
            apply.digest = "sha256:" + String(repeating: "0", count: 64)
            let refusal = try await plugin.refusal(of: apply)
            #expect(refusal.kind == .invalidParams && refusal.message.contains("its digest is \(blob.digest)"))
            #expect(TextFile.names(in: "\(scratch.state)/l").isEmpty)
        }
    }

    @Test(arguments: [("gzip", "gz"), ("zstd", "zst")], ["20", "-4", "-40"])
    func `a layer cut short is refused`(_ compression: (String, String), _ length: String) async throws {
        try await withPlugin { plugin, scratch in
            var tar = TarArchive()
            tar.add("a", .file((0..<4000).map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 3) }))
            let whole = try await scratch.compressed(tar.bytes, compression.0, compression.1)
            try await Command.succeed(["truncate", "-s", length, whole.path])
            let refusal = try await plugin.refusal(of: try await Blob(whole.path).apply())
            #expect(refusal.kind == .invalidParams, "\(refusal.message)")
            #expect(TextFile.names(in: "\(scratch.state)/tmp").isEmpty)
        }
    }

    @Test func `what is no archive is refused`() async throws {
        try await expectRefusal(Array("#!/bin/sh\nexit 0\n".utf8), naming: "no sound tar archive")
    }

    @Test func `a compression inside the compression is not undone`() async throws {
        try await withPlugin { plugin, scratch in
            var tar = TarArchive()
            tar.add("a", "1")
            let once = try await scratch.compressed(tar.bytes, "gzip", "gz")
            try await Command.succeed(["mv", once.path, "\(scratch.path)/again"])
            try await Command.succeed(["gzip", "-q", "\(scratch.path)/again"])
            let refusal = try await plugin.refusal(of: try await Blob("\(scratch.path)/again.gz").apply())
            #expect(refusal.kind == .invalidParams)
        }
    }

    @Test func `a layer file that is a link or no file is refused`() async throws {
        try await withPlugin { plugin, scratch in
            let blob = try await scratch.blob(TarArchive().bytes)
            try await Command.succeed(["ln", "-s", blob.path, "\(scratch.path)/link"])
            try await Command.succeed(["mkfifo", "\(scratch.path)/fifo"])
            for name in ["link", "fifo", "nothing"] {
                var apply = blob.apply()
                apply.path = "\(scratch.path)/\(name)"
                _ = try await plugin.refusal(of: apply)
            }
        }
    }

    @Test func `a media type that is no layer is refused`() async throws {
        try await withPlugin { plugin, scratch in
            let blob = try await scratch.blob(TarArchive().bytes)
            let refusal = try await plugin.refusal(of: blob.apply("application/vnd.oci.image.config.v1+json"))
            #expect(refusal.kind == .unsupported)
        }
    }
}
