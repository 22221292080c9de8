import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import TestSupport
import Testing

@Suite(.serialized) struct `Published ports` {
    private static let hostAddress = TestNetwork.hostAddress
    private static let outsideAddress = TestNetwork.outsideAddress

    @Test func `a port published on every address is reached from everywhere, with the client's address`() async throws
    {
        try await NetworkHost.with(["web", "other"]) { host in
            let bound = try await host.attach("web", "172.17.0.2", ports: [published(18_000)]).ports
            #expect(bound == [published(18_000, on: "0.0.0.0"), published(18_000, on: "::")])
            try await host.attach("other", "172.17.0.3")
            let server = try await Server("web", in: host.namespace("web"), 80)
            defer { server.stop() }
            let (inside, outside) = (host.network.path, host.network.outsidePath)
            let host4 = Self.hostAddress
            #expect(await Probe.tcp(from: inside, to: "127.0.0.1", 18_000) == .answer("web 172.17.0.1"))
            #expect(await Probe.tcp(from: inside, to: host4, 18_000) == .answer("web \(host4)"))
            #expect(await Probe.tcp(from: outside, to: host4, 18_000) == .answer("web \(Self.outsideAddress)"))
            #expect(await Probe.tcp(from: host.namespace("other"), to: host4, 18_000) == .answer("web 172.17.0.3"))
            #expect(await Probe.tcp(from: host.namespace("web"), to: host4, 18_000) == .answer("web 172.17.0.1"))
            // The container has no IPv6: relayed.
            #expect(await Probe.tcp(from: inside, to: "::1", 18_000) == .answer("web 172.17.0.1"))
            #expect(
                await Probe.tcp(from: outside, to: TestNetwork.hostAddress6, 18_000) == .answer("web 172.17.0.1"))
            // Published on the host, not at the container's own address.
            #expect(await Probe.tcp(from: host.namespace("other"), to: "172.17.0.2", 80) == .refused)
        }
    }

    @Test func `a container with IPv6 sees the address of clients over IPv6`() async throws {
        try await NetworkHost.with(["web", "other"], ipv6: true) { host in
            var request = host.request("web", "172.17.0.2", "fd17::2", ports: [published(18_000)])
            try await host.plugin.call(request)
            request = host.request("other", "172.17.0.3", "fd17::3")
            try await host.plugin.call(request)
            let server = try await Server("web", in: host.namespace("web"), 80)
            defer { server.stop() }
            let host6 = TestNetwork.hostAddress6
            #expect(
                await Probe.tcp(from: host.network.outsidePath, to: host6, 18_000) == .answer("web 2001:db8:6b::2"))
            #expect(await Probe.tcp(from: host.network.path, to: host6, 18_000) == .answer("web \(host6)"))
            #expect(await Probe.tcp(from: host.namespace("other"), to: host6, 18_000) == .answer("web fd17::3"))
            #expect(await Probe.tcp(from: host.namespace("web"), to: host6, 18_000) == .answer("web \(host6)"))
            #expect(await Probe.tcp(from: host.network.path, to: "::1", 18_000) == .answer("web 172.17.0.1"))
        }
    }

    @Test func `a port published on one address is reached there only`() async throws {
        try await NetworkHost.with(["web", "other"]) { host in
            let ports = [published(18_000, on: "127.0.0.1"), published(18_001, on: Self.hostAddress)]
            #expect(try await host.attach("web", "172.17.0.2", ports: ports).ports == ports)
            try await host.attach("other", "172.17.0.3")
            let server = try await Server("web", in: host.namespace("web"), 80)
            defer { server.stop() }
            let (inside, outside, host4) = (host.network.path, host.network.outsidePath, Self.hostAddress)
            #expect(await Probe.tcp(from: inside, to: "127.0.0.1", 18_000) == .answer("web 172.17.0.1"))
            #expect(await Probe.tcp(from: inside, to: host4, 18_000) == .refused)
            #expect(await Probe.tcp(from: outside, to: host4, 18_000) == .refused)
            #expect(await Probe.tcp(from: host.namespace("other"), to: host4, 18_000) == .refused)
            #expect(await Probe.tcp(from: inside, to: "127.0.0.1", 18_001) == .refused)
            #expect(await Probe.tcp(from: outside, to: host4, 18_001) == .answer("web \(Self.outsideAddress)"))
        }
    }

    @Test func `datagrams are published in both families`() async throws {
        try await NetworkHost.with(["dns"]) { host in
            try await host.attach("dns", "172.17.0.2", ports: [published(18_053, 53, .udp)])
            let server = try await Server("dns", in: host.namespace("dns"), 53, .udp)
            defer { server.stop() }
            let outside = await Probe.udp(from: host.network.outsidePath, to: Self.hostAddress, 18_053)
            #expect(outside == .answer("dns \(Self.outsideAddress)"))
            #expect(await Probe.udp(from: host.network.path, to: "127.0.0.1", 18_053) == .answer("dns 172.17.0.1"))
            #expect(await Probe.udp(from: host.network.path, to: "::1", 18_053) == .answer("dns 172.17.0.1"))
        }
    }

    @Test func `a client that sent datagrams before the port was published reaches the container after`() async throws {
        try await NetworkHost.with(["dns"]) { host in
            try await host.attach("dns", "172.17.0.2")
            let server = try await Server("dns", in: host.namespace("dns"), 53, .udp)
            defer { server.stop() }
            let outside = host.network.outsidePath
            #expect(await Probe.udp(from: outside, sourcePort: 5353, to: Self.hostAddress, 18_053) == .refused)
            let ports = [published(18_053, 53, .udp)]
            try await host.plugin.call(
                ProviderNetworkPublish(attachmentId: NetworkHost.attachmentId("dns"), ports: ports))
            let answer = await Probe.udp(from: outside, sourcePort: 5353, to: Self.hostAddress, 18_053)
            #expect(answer == .answer("dns \(Self.outsideAddress)"))
        }
    }

    @Test func `a host port that is taken is refused with Docker's text, and nothing stays`() async throws {
        try await NetworkHost.with(["web", "other"]) { host in
            let program = try await Server("program", in: host.network.path, 18_002)
            try await host.attach("web", "172.17.0.2", ports: [published(18_000)])
            for port: UInt16 in [18_000, 18_002] {
                let error = await #expect(throws: RPCError.self) {
                    try await host.attach("other", "172.17.0.3", ports: [published(18_001), published(port)])
                }
                #expect(error?.kind == .conflict)
                #expect(error?.message == "Bind for 0.0.0.0:\(port) failed: port is already allocated")
            }
            #expect(await Probe.tcp(from: host.network.path, to: "127.0.0.1", 18_002) == .answer("program 127.0.0.1"))
            program.stop()
            // Free a moment later: the program's own thread closes the socket.
            let isAttached = await eventually {
                do {
                    try await host.attach("other", "172.17.0.3", ports: [published(18_001), published(18_002)])
                    return true
                } catch { return false }
            }
            #expect(isAttached)
            // And no program gets a published port.
            await #expect(throws: CommandFailure.self) {
                try await Server("late", in: host.network.path, 18_000)
            }
        }
    }

    @Test func `a port without number gets a free one, the same in both families`() async throws {
        try await NetworkHost.with(["web"]) { host in
            let request = host.request("web", "172.17.0.2", ports: [published(nil), published(nil, on: "127.0.0.1")])
            let bound = try await host.plugin.call(request).ports
            #expect(bound.map(\.hostAddress) == ["0.0.0.0", "::", "127.0.0.1"])
            #expect(bound.allSatisfy { ($0.hostPort ?? 0) >= 1024 })
            #expect(bound[0].hostPort == bound[1].hostPort)
            #expect(try await host.plugin.call(request).ports == bound)
        }
    }

    @Test func `publish replaces all ports, keeps those that stay, and frees the others`() async throws {
        try await NetworkHost.with(["web", "other"]) { host in
            let (id, inside) = (NetworkHost.attachmentId("web"), host.network.path)
            try await host.attach("web", "172.17.0.2", ports: [published(18_000), published(18_001)])
            let server = try await Server("web", in: host.namespace("web"), 80)
            defer { server.stop() }
            let (kept, _) = try await Probe.connect(from: inside, to: "127.0.0.1", 18_000).get()
            let (closed, _) = try await Probe.connect(from: inside, to: "::1", 18_001).get()
            defer { for connection in [kept, closed] { connection.end() } }
            try await host.plugin.call(
                ProviderNetworkPublish(attachmentId: id, ports: [published(18_000), published(18_003)]))
            #expect(await kept.isAlive())
            #expect(await !closed.isAlive())
            #expect(await Probe.tcp(from: inside, to: "127.0.0.1", 18_001) == .refused)
            #expect(await Probe.tcp(from: inside, to: "127.0.0.1", 18_003) == .answer("web 172.17.0.1"))
            try await host.attach("other", "172.17.0.3", ports: [published(18_001)])
        }
    }

    @Test func `a service of the host is reached only where it was opened`() async throws {
        try await NetworkHost.with(["web", "other"]) { host in
            try await host.attach("web", "172.17.0.2", hostPorts: ["5432/tcp"])
            try await host.attach("other", "172.17.0.3")
            let server = try await Server("host", in: host.network.path, 5432)
            defer { server.stop() }
            let host4 = Self.hostAddress
            #expect(await Probe.tcp(from: host.namespace("web"), to: host4, 5432) == .answer("host 172.17.0.2"))
            #expect(await Probe.tcp(from: host.namespace("other"), to: host4, 5432) == .refused)
            #expect(await Probe.tcp(from: host.namespace("other"), to: "172.17.0.1", 5432) == .refused)
            #expect(try await Probe.ping(from: host.namespace("other"), "172.17.0.1"))
        }
    }

    @Test func `containers reach the outside world under the host's address, those of an internal network do not`()
        async throws
    {
        try await NetworkHost.with(["web", "inner"]) { host in
            let spec = NetworkSpecification(subnet: "172.18.0.0/16", internal: true)
            try await host.plugin.call(ProviderNetworkCreate(networkId: "n2", networkName: "inner", spec: spec))
            try await host.attach("web", "172.17.0.2")
            var request = host.request("inner", "172.18.0.2")
            request.networkId = "n2"
            try await host.plugin.call(request)
            let server = try await Server("far", in: host.network.outsidePath, 80)
            defer { server.stop() }
            let (web, outside) = (host.namespace("web"), Self.outsideAddress)
            #expect(await Probe.tcp(from: web, to: outside, 80) == .answer("far \(Self.hostAddress)"))
            let inner = await Probe.tcp(from: host.namespace("inner"), to: outside, 80, milliseconds: 700)
            #expect(inner == .refused)
        }
    }
}
