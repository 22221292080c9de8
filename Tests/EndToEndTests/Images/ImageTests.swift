import ChildProcess
import CLinux
import Glibc
import JSONRPC
import TestSupport
import Testing

@Suite struct ImageTests {
    @Test func imagesArePulledFromARegistryByTagAndDigest() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let registry = try await Registry(in: engine)
            defer { registry.stop() }
            let archive = try await Command.succeed([BuildProducts.fixture("images/build"), "busybox"]).line
            try await registry.push(archive, as: ["first:one", "second:latest"])
            let pulled = try await engine.kenter(["pull", "\(registry.host)/first:one", "\(registry.host)/second"])
            #expect(pulled.exit == 0, "\(pulled)")
            #expect(try await engine.kenter("run", "--rm", "\(registry.host)/first:one", "echo", "pulled") == "pulled")
            let images = try await engine.kenter("images")
            #expect(
                images.contains("\(registry.host)/first") && images.contains("\(registry.host)/second"), "\(images)")
            let digest = try await registry.digest(of: "first:one")
            let byDigest = try await engine.kenter(["pull", "\(registry.host)/first@\(digest)"])
            #expect(byDigest.exit == 0, "\(byDigest)")
            try await engine.kenter("tag", "\(registry.host)/first:one", "renamed:two")
            #expect(try await engine.kenter("run", "--rm", "renamed:two", "echo", "tagged") == "tagged")
            for (reference, text) in [
                ("\(registry.host)/first:nosuch", "nosuch"), ("\(registry.host)/nosuch", "nosuch"),
                ("a b", "invalid reference format"),
                ("--help me", "invalid reference format"),
            ] {
                let result = try await engine.kenter(["pull", "--", reference])
                #expect(result.exit == 1 && result.errors.contains(text), "\(result)")
            }
            try await engine.kenter("rmi", "renamed:two", "\(registry.host)/second")
            let gone = try await engine.kenter(["run", "--rm", "--pull", "never", "renamed:two", "true"])
            #expect(gone.exit == 125, "\(gone)")
        }
    }

    @Test(arguments: ["docker-archive", "oci-archive"])
    func anArchiveIsLoaded(_ format: String) async throws {
        try await TestEngine.with { engine in
            let registry = try await Registry(in: engine)
            defer { registry.stop() }
            let archive = try await Command.succeed([BuildProducts.fixture("images/build"), "busybox"]).line
            try await registry.push(archive, as: ["some/image:tag"])
            try await registry.save("some/image:tag", as: "\(format):\(engine.directory)/archive:some/image:tag")
            let loaded = try await engine.kenter(["load", "\(engine.directory)/archive"])
            #expect(loaded.exit == 0, "\(loaded)")
            #expect(try await engine.kenter("run", "--rm", "some/image:tag", "echo", "loaded") == "loaded")
        }
    }

    /// An image that lies about what a layer holds is refused, and harms no other image of that layer, whichever comes first.
    @Test(arguments: [true, false])
    func aLyingImageTakesNoLayerFromAnHonestOne(_ liesFirst: Bool) async throws {
        try await TestEngine.with { engine in
            let rootfs = try await Command.succeed([BuildProducts.fixture("images/build"), "busybox"]).line
            let zeros = "sha256:" + String(repeating: "0", count: 64)
            for (name, diffID) in [("honest", nil), ("lying", zeros)] {
                let layout = "\(engine.directory)/\(name)"
                try await OCILayout.make(at: layout, rootfs: rootfs, diffID: diffID)
                try await Command.succeed(["tar", "-C", layout, "-cf", "\(layout).tar", "."])
            }
            for name in liesFirst ? ["lying", "honest"] : ["honest", "lying"] {
                let loaded = try await engine.kenter(["load", "\(engine.directory)/\(name).tar"])
                #expect(loaded.exit == (name == "honest" ? 0 : 1), "\(loaded)")
                if name == "lying" { #expect(loaded.errors.contains("does not hold what"), "\(loaded)") }
            }
            let image = try await engine.kenter("images", "-q")
            #expect(try await engine.kenter("run", "--rm", image, "echo", "runs") == "runs")
        }
    }

    @Test func importTakesInstructions() async throws {
        try await TestEngine.with { engine in
            let archive = try await Command.succeed([BuildProducts.fixture("images/build"), "busybox"]).line
            try await engine.kenter(
                "import", archive, "made:1", "--change", "ENV A=b C=\"d e\"", "--change", "WORKDIR /tmp", "--change",
                "USER nobody",
                "--change", "EXPOSE 80 53/udp", "--change", "LABEL l=1", "--change", "VOLUME /v", "--change",
                "ENTRYPOINT [\"sh\", \"-c\"]",
                "--change", "CMD [\"env; pwd; id -u\"]")
            let output = try await engine.kenter("run", "--rm", "made:1").split(separator: "\n").map(String.init)
            for line in ["A=b", "C=d e", "/tmp", "65534"] { #expect(output.contains(line), "\(output)") }
            for change in ["RUN true", "CMD [", "NONSENSE"] {
                let result = try await engine.kenter(["import", archive, "bad", "--change", change])
                #expect(result.exit == 1, "\(result)")
            }
            let refused = try await engine.kenter(["import", "/etc/passwd", "bad"])
            #expect(refused.exit == 1, "\(refused)")
            #expect(try await engine.kenter("images", "-q").split(separator: "\n").count == 1)
        }
    }
}

/// A real registry in the engine's network namespace, on its loopback address.
struct Registry {
    private let pid: Int32
    private let engine: TestEngine
    let host = "127.0.0.1:5000"

    init(in engine: TestEngine) async throws {
        self.engine = engine
        try TextFile.write(
            """
            version: 0.1
            storage: {filesystem: {rootdirectory: \(engine.directory)/registry}}
            http: {addr: "127.0.0.1:5000"}
            """, to: "\(engine.directory)/registry.yml")
        guard let tool = ChildProcess.find("docker-registry"), let enter = ChildProcess.find("nsenter") else {
            throw CommandFailure("docker-registry is not installed: run `make deps`")
        }
        let command = engine.network.entering([tool, "serve", "\(engine.directory)/registry.yml"])
        pid = try ChildProcess(enter, Array(command.dropFirst())).spawn()
        let host = host
        let answers = try await eventually {
            try await engine.host("curl", "-s", "-m", "1", "http://\(host)/v2/").exit == 0
        }
        if !answers {
            stop()
            throw CommandFailure("the registry does not answer")
        }
    }

    /// Pushes a root filesystem as a one-layer image under each name.
    func push(_ archive: String, as names: [String]) async throws {
        let layout = "\(engine.directory)/push"
        try await OCILayout.make(at: layout, rootfs: archive)
        for name in names {
            let result = try await engine.host(
                "skopeo", "--insecure-policy", "copy", "--dest-tls-verify=false", "oci:\(layout):image",
                "docker://\(host)/\(name)")
            guard result.exit == 0 else { throw CommandFailure(result.description) }
        }
    }

    /// Copies an image into an archive that skopeo names so.
    func save(_ name: String, as destination: String) async throws {
        let result = try await engine.host(
            "skopeo", "--insecure-policy", "copy", "--src-tls-verify=false", "docker://\(host)/\(name)", destination)
        guard result.exit == 0 else { throw CommandFailure(result.description) }
    }

    func digest(of name: String) async throws -> String {
        try await engine.host(
            "skopeo", "inspect", "--tls-verify=false", "--format", "{{.Digest}}", "docker://\(host)/\(name)"
        ).line
    }

    func stop() {
        kill(pid, SIGTERM)
        waitpid(pid, nil, 0)
    }
}
