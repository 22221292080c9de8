import JSONRPC
import KenterProtocol
import Synchronization
import TestSupport
import Testing

@testable import KenterEngine

/// Pulls through the real skopeo from a real registry.
@Suite struct RegistryPullTests {
    private func refusal(_ body: () async throws -> Void) async throws -> RPCError {
        do {
            try await body()
        } catch let error as RPCError {
            return error
        }
        throw CommandFailure("it succeeded")
    }

    @Test func `an image is pulled by tag and by digest, its layers only once`() async throws {
        try await TestRegistry.with { registry in
            let origin = try registry.store("origin")
            let image = try await origin.sample("one", "CMD [\"sh\"]", "ENV A=b", "EXPOSE 80")
            try await registry.push([try origin.descriptor(of: image)], of: origin, as: "some/image:one")

            let store = try registry.store("store")
            let resolved = try await store.resolve(try ImageReference("\(registry.host)/some/image:one"))
            #expect(resolved.layers.count == 1)
            let seen = Mutex<[TransferProgress]>([])
            let pulled = try await store.pull(resolved) { progress in seen.withLock { $0.append(progress) } }
            #expect(pulled.config.command == ["sh"] && pulled.config.env == ["A=b"])
            #expect(pulled.config.exposedPorts == ["80/tcp"])
            #expect(pulled.layers.map(\.diffID) == image.layers.map(\.diffID))
            let progress = seen.withLock { $0 }
            #expect(progress.last?.doneBytes == progress.last?.totalBytes && progress.last?.doneLayers == 1)
            #expect(zip(progress, progress.dropFirst()).allSatisfy { $0.doneBytes <= $1.doneBytes })

            let pinned = try ImageReference("\(registry.host)/some/image@\(resolved.digest)")
            let again = try await store.pull(try await store.resolve(pinned))
            #expect(again.id == pulled.id && again.manifestDigest == pulled.manifestDigest)
            // The registry's directory is the workplace of all: nothing of a pull stays there.
            #expect(!TextFile.names(in: registry.directory).contains { $0.hasPrefix("images-") })
        }
    }

    @Test func `an index yields the image of the platform`() async throws {
        try await TestRegistry.with { registry in
            let origin = try registry.store("origin")
            let own = try await origin.sample("own", "LABEL for=host")
            let other = try await origin.sample("other", "LABEL for=other")
            let foreign = ImagePlatform(os: "linux", architecture: "riscv64")
            try await registry.push(
                [
                    try origin.descriptor(of: other, platform: foreign),
                    try origin.descriptor(of: own, platform: .host),
                ], of: origin, as: "multi:1")
            let store = try registry.store("store")
            let reference = try ImageReference("\(registry.host)/multi:1")
            let pulled = try await store.pull(try await store.resolve(reference))
            #expect(pulled.config.labels == ["for": "host"])
            let missing = try ImagePlatform("linux/s390x")
            let error = try await refusal {
                _ = try await store.pull(try await store.resolve(reference, platform: missing))
            }
            #expect(
                error == RPCError(.notFound, "no matching manifest for linux/s390x in the manifest list entries"))
            // The layer is of the other platform, but the configuration says it is of this host.
            let mismatch = try await refusal {
                _ = try await store.pull(try await store.resolve(reference, platform: foreign))
            }
            #expect(mismatch.message.contains("does not match the specified platform (linux/riscv64)"))
        }
    }

    @Test func `what the registry does not have gets Docker's text`() async throws {
        try await TestRegistry.with { registry in
            let store = try registry.store("store")
            let digest = "sha256:" + String(repeating: "0", count: 64)
            for name in ["nosuch:tag", "some/nosuch@\(digest)"] {
                let reference = try ImageReference("\(registry.host)/\(name)")
                let error = try await refusal { _ = try await store.resolve(reference) }
                #expect(
                    error
                        == RPCError(.notFound, "manifest for \(reference.familiar) not found: manifest unknown"))
            }
            let closed = try ImageReference("127.0.0.1:1/nosuch")
            let error = try await refusal { _ = try await store.resolve(closed) }
            #expect(error.kind == .unavailable && error.message.contains("cannot reach the registry 127.0.0.1:1"))
        }
    }

    @Test func `a signature policy of the host decides what is pulled`() async throws {
        try await TestRegistry.with { registry in
            let origin = try registry.store("origin")
            let image = try await origin.sample("one", "CMD [\"sh\"]")
            try await registry.push([try origin.descriptor(of: image)], of: origin, as: "some/image:one")
            let policies = "\(registry.directory)/.config/containers"
            try await Command.succeed(["mkdir", "-p", policies])
            let store = try registry.store("store", home: registry.directory)
            let resolved = try await store.resolve(try ImageReference("\(registry.host)/some/image:one"))
            try TextFile.write(#"{"default":[{"type":"reject"}]}"#, to: "\(policies)/policy.json")
            let refused = try await refusal { _ = try await store.pull(resolved) }
            #expect(refused.kind == .permission && refused.message.hasPrefix("this host's signature policy refuses"))
            try TextFile.write(#"{"default":[{"type":"insecureAcceptAnything"}]}"#, to: "\(policies)/policy.json")
            #expect(try await store.pull(resolved).config.command == ["sh"])
        }
    }

    @Test func `a mirror stands in for Docker Hub`() async throws {
        try await TestRegistry.with { registry in
            let origin = try registry.store("origin")
            let image = try await origin.sample("mirrored")
            try await registry.push([try origin.descriptor(of: image)], of: origin, as: "library/kenter-test:1")
            let store = try registry.store("store", mirrors: [try RegistryMirror("http://\(registry.host)")])
            let pulled = try await store.pull(try await store.resolve(try ImageReference("kenter-test:1")))
            #expect(pulled.layers.map(\.diffID) == image.layers.map(\.diffID))
        }
    }

    @Test func `a cancelled pull ends at once and leaves nothing`() async throws {
        try await TestRegistry.with { registry in
            let store = try registry.store("store")
            let reference = try ImageReference("\(registry.host)/any")
            let task = Task { try await store.resolve(reference) }
            task.cancel()
            await #expect(throws: (any Error).self) { try await task.value }
            #expect(!TextFile.names(in: registry.directory).contains { $0.hasPrefix("images-") })
        }
    }
}
