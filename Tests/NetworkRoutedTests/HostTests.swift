import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import Netlink
import TestSupport
import Testing

@Suite(.serialized) struct `Sharing a host` {
    @Test func `the last network takes everything along`() async throws {
        try await NetworkHost.with(["web"], ipv6: true) { host in
            try await host.attach("web", "172.17.0.2")
            let error = await #expect(throws: RPCError.self) {
                try await host.plugin.call(ProviderNetworkRemove(networkId: "n1"))
            }
            #expect(error?.kind == .precondition)
            try await host.detach("web")
            try await host.plugin.call(ProviderNetworkRemove(networkId: "n1"))
            try await host.plugin.call(ProviderNetworkRemove(networkId: "n1"))
            #expect(try await host.run("nft", "list", "ruleset") == "")
            #expect(try await !host.run("ip", "route").contains("blackhole"))
            #expect(try await host.run("ip", "rule").split(separator: "\n").count == 3)
            #expect(try await !host.run("ip", "-6", "rule").contains("lookup 5"))
        }
    }

    @Test func `a firewall that drops forwarded packets is named with its remedy, which works`() async throws {
        try await NetworkHost.with(["web"]) { host in
            try await host.attach("web", "172.17.0.2")
            let clean = try await host.plugin.call(ProviderNetworkCheck())
            #expect(clean.isolated && clean.antiSpoof && clean.failClosed && clean.foreignBlocks == [])
            let chain = "{ type filter hook forward priority 0; policy drop; }"
            try await host.run("nft", "add table inet strict; add chain inet strict gate \(chain)")
            let server = try await Server("far", in: host.network.outsidePath, 80)
            defer { server.stop() }
            #expect(
                await Probe.tcp(from: host.namespace("web"), to: TestNetwork.outsideAddress, 80, milliseconds: 700)
                    == .silence)
            let blocks = try await host.plugin.call(ProviderNetworkCheck()).foreignBlocks
            #expect(blocks.map(\.table) == ["inet strict"])
            for command in blocks.flatMap({ $0.remedy.split(separator: "\n") }) {
                try await host.run("sh", "-c", String(command))
            }
            #expect(try await host.plugin.call(ProviderNetworkCheck()).foreignBlocks == [])
            #expect(
                await Probe.tcp(from: host.namespace("web"), to: TestNetwork.outsideAddress, 80)
                    == .answer("far \(TestNetwork.hostAddress)"))
        }
    }

    @Test func `Docker's dropped forward chain gets a remedy for iptables, a last reject rule one for nft`()
        async throws
    {
        try await NetworkHost.with([]) { host in
            try await host.run(
                "nft",
                "add table ip filter; add chain ip filter DOCKER-USER;"
                    + "add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; };"
                    + "add table inet firewalld;"
                    + "add chain inet firewalld filter_FORWARD { type filter hook forward priority 10; };"
                    + "add rule inet firewalld filter_FORWARD ct state established accept;"
                    + "add rule inet firewalld filter_FORWARD reject with icmpx admin-prohibited;"
                    + "add table ip6 filter; add chain ip6 filter FORWARD { type filter hook forward priority 0; policy drop; };"
                    + "add table inet lenient; add chain inet lenient f { type filter hook forward priority 0; };"
                    + "add rule inet lenient f tcp dport 25 drop")
            let blocks = try await host.plugin.call(ProviderNetworkCheck()).foreignBlocks
            #expect(
                blocks == [
                    .init(
                        table: "ip filter",
                        remedy:
                            "iptables -I DOCKER-USER -i kvab12+ -j ACCEPT\niptables -I DOCKER-USER -o kvab12+ -j ACCEPT"
                    ),
                    .init(
                        table: "inet firewalld",
                        remedy: """
                            nft insert rule inet firewalld filter_FORWARD iifname '"kvab12*"' accept
                            nft insert rule inet firewalld filter_FORWARD oifname '"kvab12*"' accept
                            """),
                ])
        }
    }

    @Test func `two engines share a host, and their containers do not reach each other`() async throws {
        try await NetworkHost.with(["web", "db", "far"]) { host in
            let directory = "\(host.stateDirectory)/other"
            mkdir(directory, 0o700)
            let other = try await PluginUnderTest(in: host.network.path, stateDirectory: directory, instance: "cd1a")
            var spec = NetworkSpecification(subnet: NetworkHost.subnet, isolated: true)
            await #expect(throws: RPCError.self) {
                try await other.call(ProviderNetworkCreate(networkId: "n1", networkName: "bridge", spec: spec))
            }
            spec.subnet = "172.18.0.0/16"
            try await other.call(ProviderNetworkCreate(networkId: "n1", networkName: "bridge", spec: spec))
            try await host.attach("web", "172.17.0.2")
            try await host.attach("db", "172.17.0.3")
            try await host.link("web", "db")
            try await other.call(host.request("far", "172.18.0.2", ports: [published(18_000)]))
            let servers = [
                try await Server("db", in: host.namespace("db"), 80),
                try await Server("far", in: host.namespace("far"), 80),
            ]
            defer { for server in servers { server.stop() } }
            let web = host.namespace("web")
            #expect(await Probe.tcp(from: web, to: "172.17.0.3", 80) == .answer("db 172.17.0.2"))
            #expect(await Probe.tcp(from: web, to: "172.18.0.2", 80, milliseconds: 700) == .silence)
            #expect(await Probe.tcp(from: web, to: TestNetwork.hostAddress, 18_000) != .silence)
            #expect(await Probe.tcp(from: host.network.path, to: "127.0.0.1", 18_000) == .answer("far 172.18.0.1"))
            try await other.call(
                ProviderNetworkDetach(attachmentId: NetworkHost.attachmentId("far"), networkId: "n1"))
            try await other.call(ProviderNetworkRemove(networkId: "n1"))
            #expect(await Probe.tcp(from: web, to: "172.17.0.3", 80) == .answer("db 172.17.0.2"))
            #expect(try await host.run("nft", "list", "tables") == "table inet kenter-ab12\n")
            await other.crash()
        }
    }

    @Test func `a container on two networks reaches members of both`() async throws {
        try await NetworkHost.with(["web", "near", "far"], isolated: false) { host in
            let spec = NetworkSpecification(subnet: "172.18.0.0/16", isolated: false)
            try await host.plugin.call(ProviderNetworkCreate(networkId: "n2", networkName: "other", spec: spec))
            try await host.attach("web", "172.17.0.2")
            try await host.attach("near", "172.17.0.3")
            var second = host.request("web", "172.18.0.2")
            second.networkId = "n2"
            second.attachmentId = "5ec0d000"
            second.interface = "eth1"
            try await host.plugin.call(second)
            var far = host.request("far", "172.18.0.3")
            far.networkId = "n2"
            try await host.plugin.call(far)
            let servers = [
                try await Server("near", in: host.namespace("near"), 80),
                try await Server("far", in: host.namespace("far"), 80),
            ]
            defer { for server in servers { server.stop() } }
            #expect(await Probe.tcp(from: host.namespace("web"), to: "172.17.0.3", 80) == .answer("near 172.17.0.2"))
            #expect(await Probe.tcp(from: host.namespace("web"), to: "172.18.0.3", 80) == .answer("far 172.18.0.2"))
            #expect(await Probe.tcp(from: host.namespace("near"), to: "172.18.0.3", 80) == .refused)
        }
    }

    @Test func `a subnet that the host or another network uses is refused, and a default one avoids both`() async throws
    {
        try await NetworkHost.with([]) { host in
            try await host.run("ip", "route", "add", "172.18.0.0/16", "via", TestNetwork.outsideAddress)
            for subnet in [
                "172.17.0.0/24", "172.18.5.0/24", "203.0.113.0/25", "127.0.0.0/8", "172.16.0.0/12", "172.19.0.1/16",
            ] {
                await #expect(throws: RPCError.self) {
                    try await host.plugin.call(ProviderNetworkValidate(spec: .init(subnet: subnet)))
                }
                await #expect(throws: RPCError.self) {
                    try await host.plugin.call(
                        ProviderNetworkCreate(networkId: "n2", networkName: "x", spec: .init(subnet: subnet)))
                }
            }
            let spec = try await host.plugin.call(ProviderNetworkValidate(spec: .init())).spec
            #expect(spec.subnet == "172.19.0.0/16" && spec.gateway == "172.19.0.1")
            #expect(spec.internal == false && spec.isolated == false)
        }
    }

    @Test func `counters are those of the container`() async throws {
        try await NetworkHost.with(["web"]) { host in
            try await host.attach("web", "172.17.0.2")
            #expect(try await Probe.ping(from: host.namespace("web"), "172.17.0.1"))
            let stats = try await host.plugin.call(
                ProviderNetworkStats(attachmentId: NetworkHost.attachmentId("web")))
            #expect(stats.txPackets >= 1 && stats.rxPackets >= 1 && stats.txBytes >= 84)
        }
    }
}
