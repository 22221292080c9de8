import CLinux
import Glibc
import KenterProtocol
import TestSupport
import Testing

@Suite(.serialized) struct `Links between containers` {
    @Test(arguments: [false, true])
    func `a link opens its ports and echo, from consumer to source, and nothing else`(ipv6: Bool) async throws {
        try await NetworkHost.with(["web", "db", "thief"], ipv6: true) { host in
            let addresses = [
                ("web", "172.17.0.2", "fd17::2"), ("db", "172.17.0.3", "fd17::3"), ("thief", "172.17.0.4", "fd17::4"),
            ]
            for (name, four, six) in addresses { try await host.plugin.call(host.request(name, four, six)) }
            let (web, db, thief) = (host.namespace("web"), host.namespace("db"), host.namespace("thief"))
            let (webAddress, dbAddress) = ipv6 ? ("fd17::2", "fd17::3") : ("172.17.0.2", "172.17.0.3")
            let servers = [
                try await Server("db80", in: db, 80), try await Server("db81", in: db, 81),
                try await Server("web80", in: web, 80), try await Server("db53", in: db, 53, .udp),
                try await Server("db54", in: db, 54, .udp),
            ]
            defer { for server in servers { server.stop() } }
            #expect(await Probe.tcp(from: web, to: dbAddress, 80) == .refused)

            try await host.link("web", "db", ["80"])
            try await host.link("web", "db", ["53"], .udp, id: "dns")
            #expect(await Probe.tcp(from: web, to: dbAddress, 80) == .answer("db80 \(webAddress)"))
            #expect(await Probe.udp(from: web, to: dbAddress, 53) == .answer("db53 \(webAddress)"))
            #expect(try await Probe.ping(from: web, dbAddress))
            #expect(await Probe.tcp(from: web, to: dbAddress, 81) == .refused)
            #expect(await Probe.udp(from: web, to: dbAddress, 54) == .refused)
            #expect(await Probe.tcp(from: db, to: webAddress, 80) == .refused)
            #expect(try await !Probe.ping(from: db, webAddress))
            #expect(await Probe.tcp(from: thief, to: dbAddress, 80) == .refused)
            #expect(await Probe.udp(from: thief, to: dbAddress, 53) == .refused)
            #expect(try await !Probe.ping(from: thief, dbAddress))
        }
    }

    @Test func `the first packet after an attachment is not lost`() async throws {
        try await NetworkHost.with(["web", "db"]) { host in
            try await host.link("web", "db", ["53"], .udp)
            try await host.attach("web", "172.17.0.2")
            for number in 3...12 {
                try await host.attach("db", "172.17.0.\(number)")
                let server = try await Server("db", in: host.namespace("db"), 53, .udp)
                let outcome = await Probe.udp(from: host.namespace("web"), to: "172.17.0.\(number)", 53)
                #expect(outcome == .answer("db 172.17.0.2"))
                let back = await Probe.udp(from: host.namespace("db"), to: "172.17.0.1", 9)
                #expect(back == .refused)
                server.stop()
                try await host.detach("db")
            }
        }
    }

    @Test func `a rule whose ends are not attached yet holds once they are, for a range of ports`() async throws {
        try await NetworkHost.with(["web", "db"]) { host in
            try await host.link("web", "db", ["7000-7002"])
            try await host.attach("db", "172.17.0.3")
            try await host.attach("web", "172.17.0.2")
            let server = try await Server("db", in: host.namespace("db"), 7002)
            defer { server.stop() }
            #expect(await Probe.tcp(from: host.namespace("web"), to: "172.17.0.3", 7002) == .answer("db 172.17.0.2"))
        }
    }

    @Test func `removing a link ends its established connections and leaves other links alone`() async throws {
        try await NetworkHost.with(["web", "db"]) { host in
            try await host.attach("web", "172.17.0.2")
            try await host.attach("db", "172.17.0.3")
            let servers = [
                try await Server("one", in: host.namespace("db"), 80),
                try await Server("two", in: host.namespace("db"), 81),
            ]
            defer { for server in servers { server.stop() } }
            try await host.link("web", "db", ["80"], id: "first")
            try await host.link("web", "db", ["81"], id: "second")
            let (first, _) = try await Probe.connect(from: host.namespace("web"), to: "172.17.0.3", 80).get()
            let (second, _) = try await Probe.connect(from: host.namespace("web"), to: "172.17.0.3", 81).get()
            defer { for connection in [first, second] { connection.end() } }
            #expect(await first.isAlive())
            try await host.unlink("first")
            #expect(await !first.isAlive())
            #expect(await second.isAlive())
            #expect(await Probe.tcp(from: host.namespace("web"), to: "172.17.0.3", 80) == .refused)
        }
    }

    @Test func `two links to one port keep it open until the last is removed`() async throws {
        try await NetworkHost.with(["web", "db"]) { host in
            try await host.attach("web", "172.17.0.2")
            try await host.attach("db", "172.17.0.3")
            let server = try await Server("db", in: host.namespace("db"), 80)
            defer { server.stop() }
            try await host.link("web", "db", id: "first")
            try await host.link("web", "db", id: "second")
            let (connection, _) = try await Probe.connect(from: host.namespace("web"), to: "172.17.0.3", 80).get()
            defer { connection.end() }
            try await host.unlink("first")
            #expect(await connection.isAlive())
            try await host.unlink("second")
            #expect(await !connection.isAlive())
        }
    }

    @Test func `rules follow a source to its new address, and a stranger at the old one gets nothing`() async throws {
        try await NetworkHost.with(["web", "db", "thief"]) { host in
            let web = host.namespace("web")
            try await host.attach("web", "172.17.0.2")
            try await host.attach("db", "172.17.0.3")
            try await host.link("web", "db", ["53"], .udp)
            let server = try await Server("db", in: host.namespace("db"), 53, .udp)
            let stranger = try await Server("thief", in: host.namespace("thief"), 53, .udp)
            defer { for server in [server, stranger] { server.stop() } }
            #expect(await Probe.udp(from: web, sourcePort: 5353, to: "172.17.0.3", 53) == .answer("db 172.17.0.2"))

            try await host.attach("db", "172.17.0.9")
            try await host.attach("thief", "172.17.0.3")
            #expect(await Probe.udp(from: web, sourcePort: 5353, to: "172.17.0.3", 53) == .refused)
            #expect(await Probe.udp(from: web, to: "172.17.0.9", 53) == .answer("db 172.17.0.2"))
            #expect(stranger.datagrams.isEmpty)
        }
    }

    @Test(arguments: [false, true])
    func `a source address that belongs to another container is not delivered`(ipv6: Bool) async throws {
        try await NetworkHost.with(["web", "db", "thief"], ipv6: true) { host in
            try await host.plugin.call(host.request("web", "172.17.0.2", "fd17::2"))
            try await host.plugin.call(host.request("db", "172.17.0.3", "fd17::3"))
            try await host.plugin.call(host.request("thief", "172.17.0.4", "fd17::4"))
            try await host.link("web", "db", ["53"], .udp)
            let server = try await Server("db", in: host.namespace("db"), 53, .udp)
            defer { server.stop() }
            let (own, target) = ipv6 ? ("fd17::2", "fd17::3") : ("172.17.0.2", "172.17.0.3")
            #expect(await Probe.udp(from: host.namespace("web"), to: target, 53) == .answer("db \(own)"))
            try await Command.succeed(
                [
                    "nsenter", "--net=\(host.namespace("thief"))", "--", "ip", "address", "add",
                    "\(own)/\(ipv6 ? 128 : 32)", "dev", "eth0", "nodad",
                ].filter { ipv6 || $0 != "nodad" })
            #expect(
                await Probe.udp(from: host.namespace("thief"), source: own, to: target, 53, milliseconds: 700)
                    == .silence)
            #expect(server.datagrams.count == 1)
        }
    }

    @Test func `members of a network that is not isolated reach each other, those of two networks do not`() async throws
    {
        try await NetworkHost.with(["web", "db", "far"], isolated: false) { host in
            let spec = NetworkSpecification(subnet: "172.18.0.0/16", isolated: false)
            try await host.plugin.call(ProviderNetworkCreate(networkId: "n2", networkName: "other", spec: spec))
            try await host.attach("web", "172.17.0.2")
            try await host.attach("db", "172.17.0.3")
            var far = host.request("far", "172.18.0.2")
            far.networkId = "n2"
            try await host.plugin.call(far)
            let server = try await Server("db", in: host.namespace("db"), 80)
            defer { server.stop() }
            #expect(await Probe.tcp(from: host.namespace("web"), to: "172.17.0.3", 80) == .answer("db 172.17.0.2"))
            #expect(await Probe.tcp(from: host.namespace("far"), to: "172.17.0.3", 80) == .refused)
        }
    }

    @Test func `rules are one change: where one is refused, nothing of the others happens`() async throws {
        try await NetworkHost.with(["web", "db"]) { host in
            try await host.attach("web", "172.17.0.2")
            try await host.attach("db", "172.17.0.3")
            try await host.link("web", "db", ["80"])
            let before = try await host.traces()
            func rules(_ id: String, _ ports: [String]) -> ProviderNetworkRules.LinkRules {
                ProviderNetworkRules.LinkRules(
                    linkId: id, from: NetworkHost.attachmentId("web"), to: NetworkHost.attachmentId("db"),
                    rules: [LinkPortRule(protocol: .tcp, ports: ports)])
            }
            for bad in ["90-81", "none", "70000"] {
                let request = ProviderNetworkRules(
                    networkId: "n1", set: [rules("good", ["81"]), rules("bad", [bad])], remove: ["web-db"])
                await #expect(throws: (any Error).self) { try await host.plugin.call(request) }
                #expect(try await host.traces() == before)
            }
            try await host.unlink("web-db")
            try await host.link("web", "db", ["80"])
            #expect(try await host.traces() == before)
        }
    }
}
