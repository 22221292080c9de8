import ChildProcess
import Glibc
import JSONRPC
import TestSupport

@testable import KenterEngine

/// A real registry on a free loopback port, and a place for images, all in a directory of its own.
final class TestRegistry: Sendable {
    let directory: String
    let host: String
    private let pid: Int32

    /// Runs `body` with a registry; both it and its directory are gone afterwards.
    static func with(_ body: (TestRegistry) async throws -> Void) async throws {
        let registry = try await TestRegistry()
        do {
            try await body(registry)
        } catch {
            await registry.end()
            throw error
        }
        await registry.end()
    }

    private init() async throws {
        directory = try ImageScratch.make()
        let port = try Self.freePort()
        host = "127.0.0.1:\(port)"
        try TextFile.write(
            """
            version: 0.1
            log: {level: error, accesslog: {disabled: true}}
            storage: {filesystem: {rootdirectory: \(directory)/registry}}
            http: {addr: "\(host)"}
            """, to: "\(directory)/registry.yml")
        guard let tool = ChildProcess.find("docker-registry") else {
            throw CommandFailure("docker-registry is not installed: run `make deps`")
        }
        pid = try ChildProcess(tool, ["serve", "\(directory)/registry.yml"]).spawn()
        guard await eventually({ Self.answers(port) }) else {
            await end()
            throw CommandFailure("the registry does not answer")
        }
    }

    private func end() async {
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
        await ImageScratch.remove(directory)
    }

    /// An image store of its own in the registry's directory.
    func store(_ name: String, mirrors: [RegistryMirror] = [], home: String? = nil) throws -> ImageStore {
        try ImageStore(
            layoutDirectory: "\(directory)/\(name)", temporaryDirectory: directory, mirrors: mirrors, home: home)
    }

    /// Pushes images of a store under one name; several become an index of platforms.
    func push(_ manifests: [OCIDescriptor], of store: ImageStore, as name: String) async throws {
        var entry = manifests[0]
        if manifests.count > 1 {
            let index: JSONObject = [
                "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
                "manifests": .array(manifests.map(\.jsonWithPlatform)),
            ]
            entry = try store.layout.write(
                JSONValue.object(index).bytes, mediaType: "application/vnd.oci.image.index.v1+json")
        }
        let index: JSONObject = ["schemaVersion": 2, "manifests": [entry.json]]
        try TextFile.write(JSONValue.object(index).text, to: "\(store.layout.path)/index.json")
        try await Command.succeed([
            "skopeo", "--insecure-policy", "copy", "--all", "--dest-tls-verify=false", "oci:\(store.layout.path)",
            "docker://\(host)/\(name)",
        ])
    }

    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutableBytes(of: &address) { bytes -> Int32 in
            guard let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return -1 }
            return bind(descriptor, pointer, length) == 0 ? getsockname(descriptor, pointer, &length) : -1
        }
        guard status == 0 else { throw CommandFailure("no free port: is the loopback interface up?") }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func answers(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(port)
        return withUnsafeBytes(of: &address) { bytes in
            guard let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
            return connect(descriptor, pointer, socklen_t(bytes.count)) == 0
        }
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}

extension OCIDescriptor {
    fileprivate var jsonWithPlatform: JSONValue {
        var object = json.object ?? JSONObject()
        object["platform"] = platform.map { ["os": .string($0.os), "architecture": .string($0.architecture)] }
        return .object(object)
    }
}

/// Directories for tests of images.
enum ImageScratch {
    static func make() throws -> String {
        var template = Array("/tmp/kenter-images-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw CommandFailure("cannot make a directory in /tmp") }
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    static func remove(_ directory: String) async {
        // What cannot be removed shows in the next run, not in this test.
        _ = try? await Command.run(["rm", "-rf", directory])
    }

    /// Runs `body` with a directory that is gone afterwards.
    static func with(_ body: (String) async throws -> Void) async throws {
        let directory = try make()
        do {
            try await body(directory)
        } catch {
            await remove(directory)
            throw error
        }
        await remove(directory)
    }
}

extension ImageStore {
    /// An image of one layer that holds one file.
    func sample(_ text: String, _ changes: String...) async throws -> OCIImage {
        var tar = TarArchive()
        tar.add("file", text)
        let bytes = tar.bytes
        var isDone = false
        let file = try await ArchiveFile.spool(in: layout.path) {
            defer { isDone = true }
            return isDone ? nil : bytes
        }
        return try await importRootFilesystem(file, changes: changes)
    }

    /// How the manifest of an image is named in an index.
    func descriptor(of image: OCIImage, platform: ImagePlatform? = nil) throws -> OCIDescriptor {
        let bytes = try layout.read(image.manifestDigest, limitBytes: 1 << 20)
        var json: JSONObject = [
            "mediaType": .string(OCIManifest.mediaType), "digest": .string(image.manifestDigest),
            "size": .integer(Int64(bytes.count)),
        ]
        json["platform"] = platform.map { ["os": .string($0.os), "architecture": .string($0.architecture)] }
        return try OCIDescriptor(.object(json))
    }
}
