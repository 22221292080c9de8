import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import Netlink
import TestSupport
import Testing

@Suite(.serialized) struct `What happens over time` {
    @Test func `the same attachment twice is one, another specification is a conflict, an unknown one is detached`()
        async throws
    {
        try await NetworkHost.with(["web"]) { host in
            let request = host.request("web", "172.17.0.2", ports: [published(18_000)])
            let first = try await host.plugin.call(request)
            #expect(try await host.plugin.call(request) == first)
            var asBound = request
            asBound.ports = first.ports
            asBound.mac = first.mac
            #expect(try await host.plugin.call(asBound) == first)
            for change: (inout ProviderNetworkAttach) -> Void in [
                { $0.interface = "eth7" }, { $0.mac = "02:42:00:00:00:07" }, { $0.ports = [] }, { $0.hostname = "x" },
            ] {
                var other = request
                change(&other)
                let error = await #expect(throws: RPCError.self) { try await host.plugin.call(other) }
                #expect(error?.kind == .conflict)
            }
            try await host.plugin.call(ProviderNetworkDetach(attachmentId: "unknown", networkId: "n1"))
            try await host.detach("web")
            try await host.detach("web")
        }
    }

    @Test func `a detached container leaves no device, route, element or held port`() async throws {
        try await NetworkHost.with(["web", "db"]) { host in
            try await host.attach("web", "172.17.0.2", ports: [published(18_000)], hostPorts: ["5432/tcp"])
            try await host.attach("db", "172.17.0.3")
            try await host.link("web", "db")
            #expect(try await !host.traces().isEmpty)
            try await host.detach("web")
            try await host.detach("db")
            #expect(try await host.traces() == [])
            let program = try await Server("program", in: host.network.path, 18_000)
            program.stop()
            let inside = try await Command.succeed([
                "nsenter", "--net=\(host.namespace("web"))", "--", "ip", "-oneline", "link", "show",
            ])
            #expect(inside.lines.count == 1)
        }
    }

    @Test func `a failed attachment leaves nothing`() async throws {
        try await NetworkHost.with(["web"]) { host in
            for change: (inout ProviderNetworkAttach) -> Void in [
                { $0.netns = "/dev/null" }, { $0.netns = "/nowhere" }, { $0.netns = "relative" },
                { $0.addresses = ["10.0.0.2/16"] }, { $0.addresses = ["172.17.0.1/16"] }, { $0.addresses = [] },
                { $0.addresses = ["172.17.255.255/16"] }, { $0.interface = "../x" }, { $0.interface = "lo" },
                { $0.mac = "nonsense" }, { $0.ports = [published(18_000), published(18_000)] },
                { $0.ports = [published(80, on: "nonsense")] }, { $0.ports = [published(80, on: "198.51.100.7")] },
                { $0.hostPorts = ["http"] }, { $0.networkId = "unknown" }, { $0.attachmentId = "../../x" },
            ] {
                var request = host.request("web", "172.17.0.2")
                change(&request)
                await #expect(throws: RPCError.self) { try await host.plugin.call(request) }
                #expect(try await host.traces() == [])
            }
            try await host.attach("web", "172.17.0.2", ports: [published(18_000)])
        }
    }

    @Test func `an address is given once`() async throws {
        try await NetworkHost.with(["web", "other"]) { host in
            try await host.attach("web", "172.17.0.2")
            let error = await #expect(throws: RPCError.self) { try await host.attach("other", "172.17.0.2") }
            #expect(error?.kind == .conflict)
        }
    }

    @Test func `losing the table closes containers in, and the table comes back by itself`() async throws {
        try await NetworkHost.with(["web", "db", "thief"]) { host in
            try await host.attach("web", "172.17.0.2")
            try await host.attach("db", "172.17.0.3", ports: [published(18_000)])
            try await host.attach("thief", "172.17.0.4")
            try await host.link("web", "db")
            let server = try await Server("db", in: host.namespace("db"), 80)
            defer { server.stop() }
            kill(host.plugin.pid, SIGSTOP)
            let status = "/proc/\(host.plugin.pid)/status"
            #expect(await eventually { TextFile.read(status).contains("State:\tT") })
            try await host.run("nft", "flush", "ruleset")
            for name in ["web", "thief"] {
                #expect(
                    await Probe.tcp(from: host.namespace(name), to: "172.17.0.3", 80, milliseconds: 700) == .silence)
            }
            kill(host.plugin.pid, SIGCONT)
            let event = try await host.plugin.notification { $0["method"]?.string == "plugin.event" }
            #expect(event["params"]?.object?["kind"]?.string == "network.restored")
            #expect(await Probe.tcp(from: host.namespace("web"), to: "172.17.0.3", 80) == .answer("db 172.17.0.2"))
            #expect(await Probe.tcp(from: host.namespace("thief"), to: "172.17.0.3", 80) == .refused)
            #expect(
                await Probe.tcp(from: host.network.outsidePath, to: TestNetwork.hostAddress, 18_000)
                    == .answer("db \(TestNetwork.outsideAddress)"))
        }
    }

    @Test func `a plugin that was killed goes on where it stopped`() async throws {
        try await NetworkHost.with(["web", "db", "late"]) { host in
            try await host.attach("web", "172.17.0.2")
            let request = host.request("db", "172.17.0.3", ports: [published(nil), published(18_000)])
            let before = try await host.plugin.call(request)
            try await host.link("web", "db")
            try await host.link("late", "db")
            let server = try await Server("db", in: host.namespace("db"), 80)
            defer { server.stop() }
            let (connection, _) = try await Probe.connect(from: host.namespace("web"), to: "172.17.0.3", 80).get()
            defer { connection.end() }
            await host.plugin.crash()
            // Containers talk on without the plugin; meanwhile somebody takes the table away.
            #expect(await connection.isAlive())
            try await host.run("nft", "delete", "table", "inet", "kenter-ab12")

            let again = try await PluginUnderTest(in: host.network.path, stateDirectory: host.stateDirectory)
            #expect(await connection.isAlive())
            #expect(await Probe.tcp(from: host.network.path, to: "127.0.0.1", 18_000) == .answer("db 172.17.0.1"))
            #expect(await Probe.tcp(from: host.network.path, to: "::1", 18_000) == .answer("db 172.17.0.1"))
            await #expect(throws: CommandFailure.self) { try await Server("late", in: host.network.path, 18_000) }
            #expect(try await again.call(request) == before)
            try await again.call(host.request("late", "172.17.0.4"))
            #expect(await Probe.tcp(from: host.namespace("late"), to: "172.17.0.3", 80) == .answer("db 172.17.0.4"))
            await again.crash()
        }
    }

    @Test func `a plugin killed in the middle of a call converges when the call is repeated`() async throws {
        try await NetworkHost.with(["web", "db"]) { host in
            var host = host
            try await host.attach("db", "172.17.0.3")
            try await host.link("web", "db")
            let server = try await Server("db", in: host.namespace("db"), 80)
            defer { server.stop() }
            let request = host.request("web", "172.17.0.2", ports: [published(18_000)])
            for delay: useconds_t in [0, 500, 1000, 2000, 4000, 8000] {
                try await host.plugin.send(request)
                // Nothing to wait for: only the moment of the kill is varied.
                usleep(delay)
                host = try await host.restarted()
                let everything = ProviderReconcile(
                    networkIds: ["n1"], attachmentIds: ["web", "db"].map(NetworkHost.attachmentId), linkIds: ["web-db"])
                #expect(try await host.plugin.call(everything).errors == [])
                try await host.plugin.call(request)
                let outcome = await Probe.tcp(from: host.namespace("web"), to: "172.17.0.3", 80)
                #expect(outcome == .answer("db 172.17.0.2"), "killed after \(delay) µs")
                try await host.detach("web")
            }
            await host.plugin.crash()
        }
    }

    @Test func `reconcile cleans what the engine no longer names and says what is missing`() async throws {
        try await NetworkHost.with(["web", "db"]) { host in
            try await host.attach("web", "172.17.0.2")
            let bound = try await host.attach("db", "172.17.0.3", ports: [published(18_000)]).ports
            try await host.link("web", "db")
            try await host.run("ip", "link", "add", "kvab12deadbeef", "type", "veth", "peer", "name", "stray0")
            try await host.run("ip", "route", "add", "blackhole", "172.30.0.0/16", "metric", "50794")
            try await host.run("ip", "link", "delete", "kvab12\(NetworkHost.attachmentId("db").prefix(8))")
            var request = ProviderReconcile(
                networkIds: ["n1", "n9"], attachmentIds: [NetworkHost.attachmentId("db"), "gone"], linkIds: ["l9"],
                dryRun: true)
            let web = NetworkHost.attachmentId("web")
            let expected = (removed: ["web-db", web], missing: ["n9", NetworkHost.attachmentId("db"), "gone", "l9"])
            for isDry in [true, false] {
                request.dryRun = isDry
                let result = try await host.plugin.call(request)
                #expect(result.removed == expected.removed)
                #expect(result.missing == expected.missing)
                #expect(result.errors == [])
            }
            #expect(try await !host.run("ip", "-oneline", "link", "show").contains("kvab12"))
            #expect(try await !host.run("ip", "route").contains("172.30.0.0"))
            #expect(try await host.plugin.call(request).removed == [])
            #expect(try await host.attach("db", "172.17.0.3", ports: bound).ports == bound)
        }
    }
}
