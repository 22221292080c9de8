import JSONRPC
import Testing

@testable import KenterEngine

@Suite struct ImageReferenceTests {
    private static let digest = "sha256:" + String(repeating: "0123456789abcdef", count: 4)

    @Test(arguments: [
        ("mysql", "docker.io/library/mysql:latest", "mysql:latest"),
        ("mysql:8", "docker.io/library/mysql:8", "mysql:8"),
        ("some/image", "docker.io/some/image:latest", "some/image:latest"),
        ("docker.io/mysql", "docker.io/library/mysql:latest", "mysql:latest"),
        ("index.docker.io/library/mysql", "docker.io/library/mysql:latest", "mysql:latest"),
        ("localhost/image", "localhost/image:latest", "localhost/image:latest"),
        ("localhost:5000/image:1", "localhost:5000/image:1", "localhost:5000/image:1"),
        ("registry.example/a/b/c", "registry.example/a/b/c:latest", "registry.example/a/b/c:latest"),
        ("[::1]:5000/image", "[::1]:5000/image:latest", "[::1]:5000/image:latest"),
        ("MyHost/image", "MyHost/image:latest", "MyHost/image:latest"),
        ("a__b/c-d.e:T_ag.1-2", "docker.io/a__b/c-d.e:T_ag.1-2", "a__b/c-d.e:T_ag.1-2"),
        ("mysql@\(digest)", "docker.io/library/mysql@\(digest)", "mysql@\(digest)"),
        ("mysql:8@\(digest)", "docker.io/library/mysql@\(digest)", "mysql@\(digest)"),
    ])
    func `a reference has a full and a familiar form`(_ text: String, _ full: String, _ familiar: String) throws {
        let reference = try ImageReference(text)
        #expect(reference.description == full)
        #expect(reference.familiar == familiar)
        #expect(try ImageReference(full).description == full)
    }

    @Test(arguments: [
        "", ":", "a b", "--help me", "-x", "a:", "a:b:c", "a//b", "/a", "a/", "a@", "a@sha256:12", "a@md5:\(digest)",
        "a_-b",
        "a..b", "a___b", "a\nb", "a:\u{e9}", "\u{e9}", "http://a/b", "a/b:\(String(repeating: "t", count: 129))", ".a",
    ])
    func `what is no reference gets Docker's text`(_ text: String) {
        #expect(throws: RPCError(.invalidParams, "invalid reference format")) { try ImageReference(text) }
    }

    @Test func `capitals, ids and long names get texts of their own`() {
        #expect(
            throws: RPCError(
                .invalidParams, "invalid reference format: repository name (library/MySQL) must be lowercase")
        ) { try ImageReference("MySQL") }
        let id = String(repeating: "ab", count: 32)
        #expect(
            throws: RPCError(
                .invalidParams, "invalid repository name (\(id)), cannot specify 64-byte hexadecimal strings")
        ) { try ImageReference(id) }
        #expect(throws: RPCError.self) { try ImageReference(String(repeating: "a/", count: 130) + "a") }
    }

    @Test(arguments: [
        ("localhost/a", true), ("localhost:1/a", true), ("127.0.0.1:5000/a", true), ("127.9.9.9/a", true),
        ("[::1]:5000/a", true), ("127.0.0.1.example/a", false), ("128.0.0.1/a", false), ("registry.example/a", false),
        ("mysql", false), ("127.0.0.256/a", false),
    ])
    func `plain HTTP is for this host's own registries`(_ text: String, _ isLoopback: Bool) throws {
        #expect(try ImageReference(text).isLoopback == isLoopback)
    }

    @Test(arguments: ["mirror.example", "ftp://a", "https://", "https://a?b", "http://a b", "http://a\"\n"])
    func `a mirror is an http or https URL`(_ url: String) {
        #expect(throws: RPCError.self) { try RegistryMirror(url) }
    }

    @Test func `a mirror written with http may speak it`() throws {
        let mirrors = [try RegistryMirror("http://10.0.0.2:5000/hub/"), try RegistryMirror("https://mirror.example")]
        #expect(mirrors.map(\.location) == ["10.0.0.2:5000/hub", "mirror.example"])
        #expect(mirrors.map(\.isInsecure) == [true, false])
    }

    @Test(arguments: [("linux/arm64/v8", "linux/arm64/v8"), ("arm64", "linux/arm64"), ("linux/amd64", "linux/amd64")])
    func `a platform is read`(_ text: String, _ whole: String) throws {
        #expect(try ImagePlatform(text).description == whole)
    }

    @Test(arguments: ["", "/", "linux/", "linux/a/b/c", "--os", "linux/amd64;x"])
    func `what is no platform is refused`(_ text: String) {
        #expect(throws: RPCError.self) { try ImagePlatform(text) }
    }
}
