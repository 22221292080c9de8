import ChildProcess
import CLinux
import Glibc
import Netlink
import Testing

@Suite struct `Connections and losses of the packet filter` {
    @Test func `a tracked connection is forgotten by its address and only then`() async throws {
        try await inThrowawayNamespace {
            var routes = try RouteSocket()
            let loopback = try #require(try routes.link(named: "lo"))
            try routes.setLink(index: loopback.index, up: true)
            try nft(
                "add table ip t; add chain ip t c { type filter hook input priority 0; };"
                    + "add rule ip t c ct state new accept")
            let address = try #require(IPAddress("127.0.0.1"))
            let stranger = try #require(IPAddress("127.0.0.2"))
            try sendDatagram(to: 9099)
            var connections = try ConntrackSocket()
            #expect(try connections.delete(.ipv4) { $0.involves(stranger) } == 0)
            #expect(try connections.delete(.ipv6) { _ in true } == 0)
            var ports: [UInt16] = []
            let count = try connections.delete(.ipv4) { entry in
                guard entry.involves(address), entry.original.transport == UInt8(IPPROTO_UDP) else { return false }
                ports.append(entry.original.destinationPort)
                return true
            }
            #expect(count == 1)
            #expect(ports == [9099])
            #expect(try connections.delete(.ipv4) { $0.original.destinationPort == 9099 } == 0)
        }
    }

    @Test func `a table's rules read the same until somebody changes one, whatever its sets hold`() async throws {
        try await inThrowawayNamespace {
            var filter = try PacketFilterSocket()
            #expect(try filter.rules(ofTable: "t") == [])
            try nft(
                "add table inet t; add set inet t s { type ipv4_addr; }; add chain inet t c;"
                    + "add rule inet t c ip saddr @s drop")
            let (generation, rules) = (try filter.generation(), try filter.rules(ofTable: "t"))
            #expect(rules.count == 2)
            try nft("add element inet t s { 10.0.0.1 }")
            #expect(try filter.rules(ofTable: "t") == rules)
            #expect(try filter.generation() == generation + 1)
            try nft("flush chain inet t c; add rule inet t c ip saddr @s drop")
            #expect(try filter.rules(ofTable: "t") != rules)
        }
    }

    @Test func `base chains tell their hook and policy`() async throws {
        try await inThrowawayNamespace {
            try nft(
                "add table ip a; add chain ip a f { type filter hook forward priority 0; policy drop; };"
                    + "add table inet b; add chain inet b i { type filter hook input priority 0; }; add chain inet b plain"
            )
            var filter = try PacketFilterSocket()
            #expect(
                try filter.baseChains() == [
                    PacketFilterBaseChain(
                        family: "ip", table: "a", name: "f", type: "filter", isForward: true, dropsByPolicy: true),
                    PacketFilterBaseChain(
                        family: "inet", table: "b", name: "i", type: "filter", isForward: false, dropsByPolicy: false),
                ])
        }
    }

    @Test func `a deleted table is noticed, an added one is not`() async throws {
        try await inThrowawayNamespace {
            var watch = try PacketFilterWatch()
            try nft("add table inet first; add chain inet first c; add table inet second")
            try nft("flush ruleset")
            var names: Set<String> = []
            while names.count < 2, case .tables(let lost) = try watch.next() { names.formUnion(lost) }
            #expect(names == ["first", "second"])
        }
    }
}

/// Run by the calling thread: a child inherits its namespace.
private func nft(_ commands: String) throws {
    let pid = try ChildProcess(ChildProcess.find("nft") ?? "nft", [commands], descriptors: [2: 2]).spawn()
    guard ExitStatus.wait(for: pid) == .exited(0) else { throw NetlinkError("run nft \(commands)", errno: EINVAL) }
}

private func sendDatagram(to port: UInt16) throws {
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let count = withUnsafeBytes(of: &address) { bytes in
        sendto(
            descriptor, [1], 1, 0, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
    guard count == 1 else { throw NetlinkError("send a datagram", errno: errno) }
}
