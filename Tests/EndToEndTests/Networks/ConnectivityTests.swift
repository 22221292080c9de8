import JSONRPC
import TestSupport
import Testing

/// Who reaches whom over IPv4, each refusal with a positive control beside it.
@Suite struct ConnectivityTests {
    @Test func aLinkOpensExposedPortsFromConsumerToSourceAndNothingElse() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.serve("src", expose: ["80", "53/udp"])
            try await engine.serve("web", expose: ["8080"], links: ["src:db"])
            try await engine.serve("stranger")
            let (src, web) = (try await engine.address(of: "src"), try await engine.address(of: "web"))
            try await engine.expect("web", reaches: "tcp", src, "80")
            try await engine.expect("web", reaches: "udp", src, "53", "hello")
            #expect(try await engine.kenter(["exec", "web", "ping", "-c1", "-W1", src]).exit == 0)
            for (container, target) in [
                ("web", ["tcp", src, "8080"]), ("stranger", ["tcp", src, "80"]), ("stranger", ["udp", src, "53", "x"]),
                ("src", ["tcp", web, "8080"]), ("src", ["tcp", web, "80"]), ("stranger", ["tcp", web, "8080"]),
            ] {
                let probe = try await engine.kenter(["exec", container, "nettool"] + target)
                #expect(probe.exit == 1, "\(probe)")
                #expect(!probe.output.contains("timeout"), "refused at once\n\(probe)")
            }
            #expect(try await engine.kenter(["exec", "stranger", "ping", "-c1", "-W1", src]).exit == 1)
            #expect(try await engine.kenter(["exec", "src", "ping", "-c1", "-W1", web]).exit == 1)
        }
    }

    @Test func theWayClosesWithTheLinkAndFollowsTheSource() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.serve("src", expose: ["80"])
            try await engine.serve("web", links: ["src:db", "src:other"])
            let old = try await engine.address(of: "src")
            try await engine.kenter("stop", "-t", "0", "src")
            try await engine.serve("thief", options: ["--ip", old])
            #expect(try await engine.kenter(["exec", "web", "nettool", "tcp", old, "80"]).exit == 1)
            try await engine.kenter("start", "src")
            let new = try await engine.address(of: "src")
            #expect(new != old)
            try await engine.expect("web", reaches: "tcp", new, "80")
            #expect(try await engine.kenter(["exec", "web", "nettool", "tcp", old, "80"]).exit == 1)
            try await engine.kenter("rm", "--link", "web/db")
            try await engine.expect("web", reaches: "tcp", new, "80")
            try await engine.kenter("rm", "--link", "web/other")
            #expect(try await engine.kenter(["exec", "web", "nettool", "tcp", new, "80"]).exit == 1)
        }
    }

    @Test func aForgedSourceAddressIsDropped() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.serve("src", expose: ["80", "53/udp"])
            try await engine.serve("web", links: ["src:db"])
            try await engine.serve("stranger")
            let (src, web) = (try await engine.address(of: "src"), try await engine.address(of: "web"))
            let pid = try await engine.inspect("stranger")["state"]["pid"].integer ?? 0
            // The attacker is given more than any container has: its addresses and routes are changed from outside.
            for command in [
                ["address", "add", "\(web)/32", "dev", "eth0"], ["route", "add", src, "via", "172.17.0.1", "src", web],
            ] {
                try await Command.succeed(["nsenter", "--net=/proc/\(pid)/ns/net", "--", "ip"] + command)
            }
            let forged = try await engine.kenter(["exec", "stranger", "nettool", "tcp", src, "80"])
            #expect(forged.exit == 1, "\(forged)")
            try await engine.expect("web", reaches: "tcp", src, "80")
        }
    }

    @Test func aPublishedPortIsReachedFromEverywhere() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.serve("src", options: ["-p", "8000:80", "-p", "5300:53/udp", "-p", "127.0.0.1:8001:80"])
            try await engine.serve("other")
            for url in [
                "http://127.0.0.1:8000/", "http://localhost:8000/", "http://[::1]:8000/",
                "http://\(TestNetwork.hostAddress):8000/", "http://127.0.0.1:8001/",
            ] {
                let page = try await engine.host("curl", "-s", "-m", "5", url)
                #expect(page.line == "src", "\(page)")
            }
            let outside = try await engine.host(
                "curl", "-s", "-m", "5", "http://\(TestNetwork.hostAddress):8000/", outside: true)
            #expect(outside.line == "src", "\(outside)")
            let hidden = try await engine.host(
                "curl", "-s", "-m", "2", "http://\(TestNetwork.hostAddress):8001/", outside: true)
            #expect(hidden.exit != 0, "\(hidden)")
            for container in ["other", "src"] {
                try await engine.expect(container, reaches: "tcp", TestNetwork.hostAddress, "8000")
                try await engine.expect(container, reaches: "udp", TestNetwork.hostAddress, "5300", "hello")
            }
            try await engine.kenter("stop", "-t", "0", "src")
            #expect(try await engine.host("curl", "-s", "-m", "2", "http://127.0.0.1:8000/").exit != 0)
        }
    }

    @Test func aContainerReachesTheWorldButNoServiceOfTheHost() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.serve("web")
            let world = try await Server(["httpd", "-f", "-p", "80", "-h", "/"], in: engine, outside: true)
            let service = try await Server(["httpd", "-f", "-p", "7000", "-h", "/"], in: engine, outside: false)
            try await engine.expect("web", reaches: "tcp", TestNetwork.outsideAddress, "80")
            for address in ["172.17.0.1", TestNetwork.hostAddress] {
                let probe = try await engine.kenter(["exec", "web", "nettool", "tcp", address, "7000"])
                #expect(probe.exit == 1, "\(probe)")
            }
            #expect(
                try await engine.host("curl", "-s", "-m", "2", "-o", "/dev/null", "http://127.0.0.1:7000/").exit == 0)
            world.stop()
            service.stop()
        }
    }

    @Test func losingTheTableOpensNothing() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.serve("src", expose: ["80"])
            try await engine.serve("web", links: ["src:db"])
            try await engine.serve("stranger")
            let src = try await engine.address(of: "src")
            #expect(try await engine.host("nft", "flush", "ruleset").exit == 0)
            #expect(try await engine.kenter(["exec", "stranger", "nettool", "tcp", src, "80"]).exit == 1)
            let restored = try await eventually {
                try await engine.kenter(["exec", "web", "nettool", "tcp", src, "80"]).exit == 0
            }
            #expect(restored)
            #expect(try await engine.kenter(["exec", "stranger", "nettool", "tcp", src, "80"]).exit == 1)
        }
    }

    @Test func aForgedAnswerToWhoHasAnAddressIsDropped() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.serve("src", expose: ["80"])
            try await engine.serve("web", links: ["src:db"])
            try await engine.serve("stranger")
            let src = try await engine.address(of: "src")
            let pid = try await engine.inspect("stranger")["state"]["pid"].integer ?? 0
            // The attacker is given more than any container has: its addresses are changed from outside.
            for command in [
                ["ip", "address", "add", "\(src)/32", "dev", "eth0"],
                ["busybox", "arping", "-U", "-c", "2", "-w", "3", "-I", "eth0", "-s", src, src],
                ["busybox", "arping", "-A", "-c", "2", "-w", "3", "-I", "eth0", "-s", src, src],
            ] {
                // busybox says that nobody has answered: that is what is wanted.
                _ = try await Command.run(["nsenter", "--net=/proc/\(pid)/ns/net", "--"] + command)
            }
            let forged = try await engine.kenter(["exec", "stranger", "ip", "address", "show", "eth0"])
            #expect(forged.output.contains("\(src)/32"), "\(forged)")
            let device = try await engine.host("ip", "route", "get", src).output
            #expect(device.contains(" dev "), "\(device)")
            try await engine.expect("web", reaches: "tcp", src, "80")
            // Whoever is asked for that address on the stranger's device, it is not the stranger.
            let neighbours = try await engine.host("ip", "neighbour", "show", src).lines
            #expect(neighbours.allSatisfy { device.contains(" dev \($0.split(separator: " ")[2]) ") }, "\(neighbours)")
        }
    }

    @Test func rulesOfOthersStayAsTheyAre() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let foreign =
                "table ip foreign { chain c { type filter hook input priority 5; policy accept; tcp dport 9 drop; }; }"
            #expect(try await engine.host("nft", foreign).exit == 0)
            let before = try await engine.host("nft", "list", "table", "ip", "foreign").output
            try await engine.serve("aa", options: ["-p", "8000:80"])
            try await engine.kenter("rm", "-f", "aa")
            #expect(try await engine.host("nft", "list", "table", "ip", "foreign").output == before)
        }
    }
    @Test func whatDropsPublishedPortsIsToldAtTheStart() async throws {
        try await TestEngine.with { engine in
            try await engine.stop()
            let foreign = "table ip wall { chain c { type filter hook forward priority 0; policy drop; }; }"
            #expect(try await engine.host("nft", foreign).exit == 0)
            try await engine.start()
            #expect(await eventually { engine.logTail.contains("the firewall table ip wall drops packets") })
        }
    }
}
