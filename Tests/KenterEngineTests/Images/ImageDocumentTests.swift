import JSONRPC
import KenterProtocol
import Testing

@testable import KenterEngine

/// Manifests, indexes and tables of contents, as anybody may have written them.
@Suite struct ImageDocumentTests {
    private static let digest = "sha256:" + String(repeating: "ab", count: 32)

    @Test(arguments: [
        "", "[]", "{", #"{"schemaVersion":1}"#, #"{"schemaVersion":2}"#, #"{"schemaVersion":2,"schemaVersion":2}"#,
        #"{"schemaVersion":2,"config":{"digest":"sha256:../../../etc/passwd","size":1}}"#,
        #"{"schemaVersion":2,"config":{"digest":"sha512:ab","size":1}}"#,
        #"{"schemaVersion":2,"config":{"digest":"\#(digest)","size":-1}}"#,
        #"{"schemaVersion":2,"manifests":[{}]}"#,
        #"{"schemaVersion":2,"config":{"digest":"\#(digest)","size":1},"layers":[{"digest":"/"}]}"#,
    ])
    func `a hostile manifest is refused`(_ text: String) {
        #expect(throws: RPCError.self) { try OCIManifest(Array(text.utf8)) }
    }

    @Test func `more layers than a mount can hold are refused`() {
        let layer = #"{"digest":"\#(Self.digest)","size":1}"#
        let layers = Array(repeating: layer, count: 128).joined(separator: ",")
        let text = #"{"schemaVersion":2,"config":\#(layer),"layers":[\#(layers)]}"#
        #expect(throws: RPCError.self) { try OCIManifest(Array(text.utf8)) }
    }

    @Test func `an image must name a diffID for each layer`() throws {
        let descriptor = OCIDescriptor(mediaType: "", digest: Self.digest, sizeBytes: 1)
        #expect(throws: RPCError.self) {
            try OCIImage(manifestDigest: Self.digest, config: descriptor, layers: [descriptor], document: [:])
        }
    }

    @Test func `a configuration with members of a wrong type counts as empty`() {
        let config = ImageConfiguration(
            ociConfig: ["Env": "A=b", "Cmd": nil, "ExposedPorts": ["80": [:], "53/udp": [:]], "Labels": ["a": 1]])
        #expect(config.env.isEmpty && config.command.isEmpty && config.labels.isEmpty)
        #expect(config.exposedPorts == ["53/udp", "80/tcp"])
    }

    @Test func `a healthcheck's times are seconds`() {
        let config = ImageConfiguration(
            ociConfig: ["Healthcheck": ["Test": ["CMD", "true"], "Interval": 1_500_000_000, "Retries": 3]])
        #expect(config.healthcheck == Healthcheck(test: ["CMD", "true"], intervalSeconds: 1.5, retries: 3))
    }

    @Test func `Docker's table of contents names images by their tags`() throws {
        let entries = try ImageArchive.dockerEntries(
            Array(#"[{"RepoTags":["a:1","docker.io/b/c:2"]},{"RepoTags":null}]"#.utf8))
        #expect(entries.map(\.selector) == [":@0", ":@1"])
        #expect(entries[0].references.map(\.familiar) == ["a:1", "b/c:2"] && entries[1].references.isEmpty)
        #expect(throws: RPCError.self) { try ImageArchive.dockerEntries(Array("[]".utf8)) }
        #expect(throws: RPCError.self) { try ImageArchive.dockerEntries(Array(#"[{"RepoTags":["A B"]}]"#.utf8)) }
    }

    @Test func `an OCI index names images by annotations`() throws {
        func entry(_ annotations: String) -> String {
            #"{"digest":"\#(Self.digest)","size":1,"annotations":{\#(annotations)}}"#
        }
        func entries(_ manifests: String...) throws -> [ImageArchive.Entry] {
            let text = #"{"schemaVersion":2,"manifests":[\#(manifests.joined(separator: ","))]}"#
            return try ImageArchive.ociEntries(Array(text.utf8))
        }
        let refName = #""org.opencontainers.image.ref.name":"#
        let one = try entries(entry(refName + #""some/image:tag""#))
        #expect(one.map(\.selector) == [""] && one[0].references.map(\.familiar) == ["some/image:tag"])
        #expect(try entries(entry("")) == [.init(selector: "", references: [])])
        let built = try entries(
            entry(refName + #""latest","io.containerd.image.name":"docker.io/library/x:latest""#),
            entry(refName + #""y:1""#))
        #expect(built.map(\.selector) == [":latest", ":y:1"])
        #expect(built.flatMap(\.references).map(\.familiar) == ["x:latest", "y:1"])
        #expect(throws: RPCError.self) { try entries(entry(""), entry("")) }
    }

    @Test func `what skopeo says last is taken apart`() {
        let failure = SkopeoFailure(
            #"""
            Getting image source signatures
            time="2026-11-25T00:00:34Z" level=fatal msg="initializing source docker://a/b:c: Get \"https://a/v2/\": dial tcp: lookup a: no such host"
            """#)
        #expect(failure.reason.hasSuffix(#"Get "https://a/v2/": dial tcp: lookup a: no such host"#))
        #expect(SkopeoFailure("").reason == "skopeo ended without a word")
    }
}
