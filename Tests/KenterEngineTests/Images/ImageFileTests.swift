import Glibc
import JSONRPC
import KenterProtocol
import TestSupport
import Testing

@testable import KenterEngine

/// Images that come as files, and the layout they end in.
@Suite struct ImageFileTests {
    private func store(_ directory: String, _ name: String) throws -> ImageStore {
        try ImageStore(layoutDirectory: "\(directory)/\(name)", temporaryDirectory: directory)
    }

    private func refusal(_ body: () async throws -> Void) async throws -> RPCError {
        do {
            try await body()
        } catch let error as RPCError {
            return error
        }
        throw CommandFailure("it succeeded")
    }

    @Test(arguments: ["docker-archive", "oci-archive"], ["", "gzip", "zstd", "xz"])
    func `an archive is loaded whatever its kind and compression`(_ kind: String, _ compression: String) async throws {
        try await ImageScratch.with { directory in
            let origin = try store(directory, "origin")
            let image = try await origin.sample("loaded", "CMD [\"sh\"]")
            let index: JSONObject = ["schemaVersion": 2, "manifests": [try origin.descriptor(of: image).json]]
            try TextFile.write(JSONValue.object(index).text, to: "\(origin.layout.path)/index.json")
            var archive = "\(directory)/archive"
            try await Command.succeed([
                "skopeo", "--insecure-policy", "copy", "oci:\(origin.layout.path)", "\(kind):\(archive):some/image:tag",
            ])
            if !compression.isEmpty {
                try await Command.succeed([compression, "-q", archive])
                archive += compression == "gzip" ? ".gz" : compression == "zstd" ? ".zst" : ".xz"
            }
            let store = try store(directory, "store")
            let loaded = try await store.load(try ArchiveFile(path: archive))
            #expect(loaded.map { $0.references.map(\.familiar) } == [["some/image:tag"]])
            #expect(loaded.first?.image.config.command == ["sh"])
            #expect(loaded.first?.image.layers.map(\.diffID) == image.layers.map(\.diffID))
            #expect(!TextFile.names(in: directory).contains { $0.hasPrefix("images-") })
        }
    }

    @Test func `what is no archive of images is refused`() async throws {
        try await ImageScratch.with { directory in
            let store = try store(directory, "store")
            try TextFile.write("#!/bin/sh\n", to: "\(directory)/script")
            var tar = TarArchive()
            tar.add("etc/passwd", "root")
            try Bytes.write(tar.bytes, to: "\(directory)/rootfs")
            try Bytes.write([0x1f, 0x8b, 8, 0, 1, 2, 3], to: "\(directory)/damaged")
            var hostile = TarArchive()
            hostile.add("manifest.json", .symbolicLink("/etc/passwd"))
            try Bytes.write(hostile.bytes, to: "\(directory)/hostile")
            for (name, text) in [
                ("script", "no archive of images"), ("rootfs", "no archive of images"),
                ("damaged", "gzip cannot decompress it"), ("hostile", "no archive of images"),
            ] {
                let file = try ArchiveFile(path: "\(directory)/\(name)")
                let error = try await refusal { _ = try await store.load(file) }
                #expect(error.kind == .invalidParams && error.message.contains(text), "\(error.message)")
            }
            #expect(TextFile.names(in: "\(store.layout.path)/blobs/sha256").isEmpty)
        }
    }

    @Test func `a link, a pipe or nothing is no file to open`() async throws {
        try await ImageScratch.with { directory in
            try TextFile.write("x", to: "\(directory)/file")
            try await Command.succeed(["ln", "-s", "\(directory)/file", "\(directory)/link"])
            try await Command.succeed(["mkfifo", "\(directory)/pipe"])
            for name in ["link", "pipe", "nothing", "."] {
                #expect(throws: RPCError.self) { try ArchiveFile(path: "\(directory)/\(name)") }
            }
        }
    }

    @Test(arguments: ["", "gzip"])
    func `a root filesystem becomes an image`(_ compression: String) async throws {
        try await ImageScratch.with { directory in
            let store = try store(directory, "store")
            var tar = TarArchive()
            tar.add("file", "content")
            try Bytes.write(tar.bytes, to: "\(directory)/rootfs")
            if !compression.isEmpty { try await Command.succeed([compression, "-k", "\(directory)/rootfs"]) }
            let file = try ArchiveFile(path: "\(directory)/rootfs" + (compression.isEmpty ? "" : ".gz"))
            let image = try await store.importRootFilesystem(
                file, changes: ["CMD [\"sh\"]", "EXPOSE 80"], createdAt: Timestamp(nanoseconds: 0))
            let sum = try await Command.succeed(["sha256sum", "\(directory)/rootfs"]).output.prefix(64)
            #expect(image.layers.map(\.diffID) == ["sha256:\(sum)"])
            #expect(image.layers.map(\.descriptor.digest) == ["sha256:\(sum)"])
            #expect(image.config.command == ["sh"] && image.config.exposedPorts == ["80/tcp"])
            #expect(image.os == "linux" && image.architecture == ImagePlatform.host.architecture)
            #expect(image.createdAt == Timestamp(nanoseconds: 0))
            // What was imported is a copy: the client's file may change.
            try TextFile.write("changed", to: "\(directory)/rootfs")
            #expect(try Bytes.read(store.layout.blobPath("sha256:\(sum)")) == tar.bytes)
            #expect(try store.layout.image(manifestDigest: image.manifestDigest).id == image.id)
        }
    }

    @Test func `what is no root filesystem is refused before anything is kept`() async throws {
        try await ImageScratch.with { directory in
            let store = try store(directory, "store")
            let passwd = try ArchiveFile(path: "/etc/passwd")
            let error = try await refusal { _ = try await store.importRootFilesystem(passwd, changes: []) }
            #expect(error.kind == .invalidParams && error.message.contains("no tar archive"))
            let change = try await refusal { _ = try await store.sample("x", "RUN true") }
            #expect(change.message.hasPrefix("RUN is not a valid change command"))
            #expect(TextFile.names(in: "\(store.layout.path)/blobs/sha256").isEmpty)
        }
    }

    @Test func `unused blobs are collected, shared ones kept`() async throws {
        try await ImageScratch.with { directory in
            let store = try store(directory, "store")
            let first = try await store.sample("shared", "CMD a")
            let second = try await store.sample("shared", "CMD b")
            let third = try await store.sample("own", "CMD c")
            #expect(first.layers == second.layers)
            let freed = try await store.collectGarbage { [first.manifestDigest] }
            #expect(try #require(freed) > 2048)
            #expect(try store.layout.image(manifestDigest: first.manifestDigest).id == first.id)
            #expect(store.layout.contains(first.layers[0].descriptor))
            #expect(throws: RPCError.self) { try store.layout.image(manifestDigest: second.manifestDigest) }
            #expect(!store.layout.contains(third.layers[0].descriptor))
            #expect(try await store.collectGarbage { [first.manifestDigest] } == 0)
        }
    }

    @Test func `nothing is collected while somebody holds blobs, but afterwards`() async throws {
        try await ImageScratch.with { directory in
            let store = try store(directory, "store")
            let collectOwed = {
                do {
                    #expect(try await store.collectGarbage { [] } != nil)
                } catch {
                    Issue.record(error)
                }
            }
            let image = try await store.holdingBlobs(owed: collectOwed) {
                let image = try await store.sample("kept")
                #expect(try await store.collectGarbage { [] } == nil)
                #expect(try store.layout.image(manifestDigest: image.manifestDigest).id == image.id)
                return image
            }
            #expect(throws: RPCError.self) { try store.layout.image(manifestDigest: image.manifestDigest) }
        }
    }

    @Test func `a damaged blob is told from a sound one`() async throws {
        try await ImageScratch.with { directory in
            let store = try store(directory, "store")
            let image = try await store.sample("x")
            try TextFile.write("{}", to: store.layout.blobPath(image.id))
            let error = try await refusal { _ = try store.layout.image(manifestDigest: image.manifestDigest) }
            #expect(error.kind == .corruptState && error.message.contains(image.id))
            // Better no collection than one that loses layers.
            await #expect(throws: RPCError.self) { try await store.collectGarbage { [image.manifestDigest] } }
            #expect(store.layout.contains(image.layers[0].descriptor))
        }
    }
}

/// Files of any bytes.
enum Bytes {
    static func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw CommandFailure("cannot write \(path)")
        }
    }

    static func read(_ path: String) throws -> [UInt8] {
        try ArchiveFile(path: path).contents(limitBytes: 1 << 20)
    }
}
