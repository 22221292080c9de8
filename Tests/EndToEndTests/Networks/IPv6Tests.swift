import JSONRPC
import TestSupport
import Testing

/// IPv6 beside IPv4, on the default network.
@Suite struct IPv6Tests {
    private static let configuration = #"{"bridge": {"ipv6Subnet": "fd00:17::/64"}}"#

    @Test func aLinkHasALineForEachFamilyThatFollowsItsSource() async throws {
        try await TestEngine.with(images: ["busybox"], configuration: Self.configuration) { engine in
            try await engine.serve("src", expose: ["80"])
            try await engine.serve("web", links: ["src:db"])
            let hosts = try await engine.kenter("exec", "web", "cat", "/etc/hosts").split(separator: "\n")
            #expect(hosts.contains("::1\tlocalhost ip6-localhost ip6-loopback"))
            #expect(
                hosts.filter { $0.contains("\tdb ") }.map { $0.prefix { $0 != "\t" } } == ["172.17.0.2", "fd00:17::2"])
            #expect(hosts.contains { $0.hasPrefix("fd00:17::3\t") }, "its own")
            try await engine.kenter("stop", "-t", "0", "src")
            try await engine.serve("thief", options: ["--ip", "172.17.0.2", "--ip6", "fd00:17::2"])
            try await engine.kenter("start", "src")
            let moved = try await engine.inspect("src")["networks"]["bridge"]
            let after = try await engine.kenter("exec", "web", "cat", "/etc/hosts").split(separator: "\n")
            #expect(
                after.filter { $0.contains("\tdb ") }.map { String($0.prefix { $0 != "\t" }) }
                    == [moved["ipv4"].string, moved["ipv6"].string])
            for old in ["172.17.0.2", "fd00:17::2"] {
                #expect(try await engine.kenter(["exec", "web", "nettool", "tcp", old, "80"]).exit == 1)
            }
            let serves = try await eventually {
                try await engine.kenter(["exec", "web", "nettool", "-6", "tcp", "db", "80"]).exit == 0
            }
            #expect(serves)
        }
    }

    @Test func aPublishedPortIsReachedOverBothFamilies() async throws {
        try await TestEngine.with(images: ["busybox"], configuration: Self.configuration) { engine in
            try await engine.serve(
                "src", options: ["-p", "8000:80", "-p", "[::]:8001:80", "-p", "[::1]:8002:80", "-p", "5300:53/udp"])
            try await engine.serve("other")
            for url in [
                "http://127.0.0.1:8000/", "http://[::1]:8000/", "http://[\(TestNetwork.hostAddress6)]:8000/",
                "http://[::1]:8001/", "http://[\(TestNetwork.hostAddress6)]:8001/", "http://[::1]:8002/",
            ] {
                let page = try await engine.host("curl", "-s", "-m", "5", url)
                #expect(page.line == "src", "\(page)")
            }
            for (port, isReached) in [("8000", true), ("8001", true), ("8002", false)] {
                let url = "http://[\(TestNetwork.hostAddress6)]:\(port)/"
                let page = try await engine.host("curl", "-s", "-m", "2", url, outside: true)
                #expect((page.line == "src") == isReached, "\(page)")
            }
            #expect(try await engine.host("curl", "-s", "-m", "2", "http://127.0.0.1:8001/").exit != 0)
            for container in ["other", "src"] {
                try await engine.expect(container, reaches: "tcp", TestNetwork.hostAddress6, "8000")
                try await engine.expect(container, reaches: "udp", TestNetwork.hostAddress6, "5300", "hello")
            }
            let shown = try await engine.kenter("port", "src")
            #expect(shown.contains("80/tcp -> [::]:8000") && shown.contains("80/tcp -> [::1]:8002"), "\(shown)")
        }
    }

    @Test func aForgedNeighbourOrSourceAddressIsDropped() async throws {
        try await TestEngine.with(images: ["busybox"], configuration: Self.configuration) { engine in
            try await engine.serve("src", expose: ["80"])
            try await engine.serve("web", links: ["src:db"])
            try await engine.serve("stranger")
            let pid = try await engine.inspect("stranger")["state"]["pid"].integer ?? 0
            // The attacker is given more than any container has: its addresses and neighbours are changed from outside.
            for command in [
                ["address", "add", "fd00:17::3/128", "dev", "eth0", "nodad"],
                ["-6", "route", "add", "fd00:17::2", "via", "fe80::1", "dev", "eth0", "src", "fd00:17::3"],
            ] {
                try await Command.succeed(["nsenter", "--net=/proc/\(pid)/ns/net", "--", "ip"] + command)
            }
            let forged = try await engine.kenter(["exec", "stranger", "nettool", "tcp", "fd00:17::2", "80"])
            #expect(forged.exit == 1, "\(forged)")
            // Nobody asks a neighbour for another's address: it has gone to the host, whatever the stranger answers.
            let pinged = try await engine.kenter(["exec", "web", "ping", "-6", "-c1", "-W1", "db"])
            #expect(pinged.exit == 0, "\(pinged)")
            try await engine.expect("web", reaches: "tcp", "fd00:17::2", "80")
        }
    }
}
