import JSONRPC
import TestSupport
import Testing

/// Names of a network's members in each other's hosts files.
@Suite struct MemberNameTests {
    @Test func membersFindEachOtherWhileTheyComeAndGo() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("network", "create", "--ipv6", "front")
            try await engine.serve("first", options: ["--network", "front"])
            try await engine.kenter("exec", "first", "sh", "-c", "echo '192.0.2.9 kept by hand' >>/etc/hosts")
            try await engine.serve(
                "second", options: ["--network", "front", "--network-alias", "two", "--net-alias", "zwei"])
            let id = try await engine.inspect("second")["id"].string?.prefix(12) ?? ""
            for name in ["second", "second.front", "two", "zwei", String(id)] {
                for finder in ["first", "second"] { try await engine.expect(finder, finds: "second", as: name) }
                #expect(
                    try await engine.kenter("exec", "first", "ping", "-6", "-c1", "-W1", name).contains(
                        "1 packets received"))
            }
            try await engine.expect("second", finds: "first", as: "first")

            try await engine.kenter("rename", "second", "deux")
            #expect(try await engine.names(in: "first").contains("deux"))
            #expect(try await !engine.names(in: "first").contains("second"))
            #expect(try await !engine.names(in: "deux").contains("second"))

            // A new address is known at once.
            try await engine.kenter("stop", "-t", "0", "deux")
            #expect(try await engine.names(in: "first").isDisjoint(with: ["deux", "two", "zwei"]))
            let old = try await engine.addressOnce("deux")
            try await engine.serve("thief", options: ["--network", "front", "--ip", old])
            try await engine.serve("starter", options: ["--network", "front"])
            try await engine.kenter("start", "deux")
            try await engine.expectFound("deux", as: "two", by: ["first", "deux", "thief", "starter"])

            await engine.crash()
            try await engine.start()
            try await engine.kenter("rm", "-f", "thief")
            for finder in ["first", "deux", "starter"] {
                #expect(try await !engine.names(in: finder).contains("thief"))
            }
            try await engine.kenter("restart", "-t", "0", "first")
            try await engine.expectFound("deux", as: "two", by: ["first", "deux", "starter"])
            #expect(try await engine.names(in: "starter").contains("first"))
        }
    }

    @Test func joiningAndLeavingChangesNothingElse() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            for name in ["front", "back"] { try await engine.kenter("network", "create", name) }
            try await engine.serve("app", options: ["--network", "front"])
            try await engine.serve("db", options: ["--network", "back"])
            try await engine.kenter("exec", "app", "sh", "-c", "echo '192.0.2.9 kept by hand' >>/etc/hosts")
            let before = try await engine.kenter("exec", "app", "cat", "/etc/hosts")
            let other = try await engine.kenter("exec", "db", "cat", "/etc/hosts")
            try await engine.kenter("network", "connect", "--alias", "www", "--ip", "172.19.0.99", "back", "app")
            #expect(try await engine.inspect("app")["networks"]["back"]["ipv4"] == "172.19.0.99")
            try await engine.expect("app", finds: "db", as: "db")
            try await engine.expectFound("app", as: "www", by: ["db", "app"])
            try await engine.kenter("network", "disconnect", "back", "app")
            #expect(try await engine.kenter("exec", "app", "cat", "/etc/hosts") == before)
            #expect(try await engine.kenter("exec", "db", "cat", "/etc/hosts") == other)
            let address = try await engine.inspect("db")["networks"]["back"]["ipv4"].string ?? ""
            #expect(try await engine.kenter(["exec", "app", "nettool", "tcp", address, "80"]).exit == 1)
        }
    }

    @Test func isolatedNetworksAndTheDefaultOneTellNoNames() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("network", "create", "--isolated", "closed")
            for (network, names) in [("bridge", ["aa", "bb"]), ("closed", ["cc", "dd"])] {
                for name in names { try await engine.serve(name, options: ["--network", network]) }
                #expect(try await engine.names(in: names[0]).isDisjoint(with: names))
            }
        }
    }
}

extension TestEngine {
    /// All names in a container's hosts file.
    fileprivate func names(in container: String) async throws -> Set<String> {
        let lines = try await kenter("exec", container, "cat", "/etc/hosts").split(separator: "\n")
        return Set(lines.flatMap { $0.split(whereSeparator: \.isWhitespace).dropFirst().map(String.init) })
    }

    /// The address that a stopped container had.
    fileprivate func addressOnce(_ container: String) async throws -> String {
        try await kenter("start", container)
        let address = try await inspect(container)["networks"].object?.members.first?.value["ipv4"].string ?? ""
        try await kenter("stop", "-t", "0", container)
        return address
    }

    /// Throws unless all of these find a container by that name, as soon as it serves.
    fileprivate func expectFound(_ container: String, as name: String, by finders: [String]) async throws {
        let serves = try await eventually {
            try await kenter(["exec", container, "nettool", "tcp", "127.0.0.1", "80"]).exit == 0
        }
        #expect(serves)
        for finder in finders { try await expect(finder, finds: container, as: name) }
    }
}
