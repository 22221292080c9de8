import CLinux
import Glibc
import Netlink
import Testing

@Suite struct `Devices, addresses, routes and rules` {
    @Test func `a pair of devices has one end in each namespace`() async throws {
        try await inThrowawayNamespace {
            let other = try anotherNamespace()
            var routes = try RouteSocket()
            let end = VethEnd(name: "eth0", hardwareAddress: [2, 0x42, 172, 17, 0, 2])
            try routes.createVeth(host: VethEnd(name: "kvtest0"), peer: end, in: other, mtu: 1400)
            let host = try #require(try routes.link(named: "kvtest0"))
            #expect(host.mtu == 1400 && !host.isUp)
            #expect(try routes.link(named: "eth0") == nil)
            let peer = try other.run { () throws(NetlinkError) -> Link? in
                var inside = try RouteSocket()
                return try inside.link(named: "eth0")
            }
            #expect(peer?.hardwareAddress == "02:42:ac:11:00:02")
            #expect(peer?.mtu == 1400)
            #expect(throws: NetlinkError.self) {
                try routes.createVeth(host: VethEnd(name: "kvtest0"), peer: VethEnd(name: "e"), in: other, mtu: nil)
            }
            try routes.setLink(index: host.index, up: true)
            #expect(try routes.link(named: "kvtest0")?.isUp == true)
            try routes.deleteLink(named: "kvtest0")
            try routes.deleteLink(named: "kvtest0")
            #expect(try routes.links().map(\.name) == ["lo"])
        }
    }

    @Test func `settings follow the thread into the namespace and back`() async throws {
        try await inThrowawayNamespace {
            let other = try anotherNamespace()
            try KernelSetting.set("net/ipv4/ip_forward", to: "0")
            try other.run { () throws(NetlinkError) in try KernelSetting.set("net/ipv4/ip_forward", to: "1") }
            #expect(KernelSetting.get("net/ipv4/ip_forward") == "0")
            #expect(try other.run { KernelSetting.get("net/ipv4/ip_forward") } == "1")
            #expect(KernelSetting.get("net/ipv4/no_such_setting") == nil)
        }
    }

    @Test func `an address without prefix route leaves the routing table alone`() async throws {
        try await inThrowawayNamespace {
            var routes = try RouteSocket()
            let loopback = try #require(try routes.link(named: "lo"))
            try routes.setLink(index: loopback.index, up: true)
            for text in ["10.9.0.2/16", "fd09::2/64"] {
                let prefix = try #require(IPPrefix(text))
                let address = InterfaceAddress(
                    interfaceIndex: loopback.index, prefix: prefix, hasNoPrefixRoute: true,
                    skipsDuplicateDetection: prefix.family == .ipv6)
                try routes.setAddress(address)
                try routes.setAddress(address)
                #expect(try routes.addresses().contains { $0.prefix == prefix && $0.hasNoPrefixRoute })
                let found = try routes.routes(prefix.family)
                #expect(!found.contains { $0.destination == prefix.network && $0.table == Route.mainTable })
                try routes.removeAddress(address)
                try routes.removeAddress(address)
                #expect(try !routes.addresses().contains { $0.prefix == prefix })
            }
        }
    }

    @Test(arguments: ["10.9.0.0/16", "fd09::/64"])
    func `a blackhole keeps its metric and its table`(destination: String) async throws {
        try await inThrowawayNamespace {
            var routes = try RouteSocket()
            let prefix = try #require(IPPrefix(destination))
            let route = Route(kind: .blackhole, to: prefix, metric: 7007)
            try routes.replaceRoute(route)
            try routes.replaceRoute(route)
            #expect(throws: NetlinkError.self) { try routes.addRoute(route) }
            let found = try routes.routes(prefix.family).filter { $0.destination == prefix }
            #expect(found.count == 1)
            #expect(found.first?.kind == .blackhole && found.first?.metric == 7007)
            try routes.deleteRoute(route)
            try routes.deleteRoute(route)
            #expect(try !routes.routes(prefix.family).contains { $0.destination == prefix })
        }
    }

    @Test func `a route through a device goes into a table above 255`() async throws {
        try await inThrowawayNamespace {
            var routes = try RouteSocket()
            let loopback = try #require(try routes.link(named: "lo"))
            try routes.setLink(index: loopback.index, up: true)
            for text in ["10.9.0.2/32", "fd09::2/128"] {
                let prefix = try #require(IPPrefix(text))
                try routes.replaceRoute(Route(to: prefix, interfaceIndex: loopback.index, table: 50_000))
                let found = try routes.routes(prefix.family)
                #expect(
                    found.contains {
                        $0.destination == prefix && $0.table == 50_000 && $0.interfaceIndex == loopback.index
                    })
            }
        }
    }

    @Test(arguments: IPAddress.Family.allCases)
    func `a rule is added once and deleted`(family: IPAddress.Family) async throws {
        try await inThrowawayNamespace {
            var routes = try RouteSocket()
            let bit: UInt32 = 0x1000_0000
            let rules = [
                RoutingRule(family: family, priority: 100, mark: .init(value: bit, mask: bit), table: 50_000),
                RoutingRule(family: family, priority: 101, inputInterface: "lo", table: 50_000),
            ]
            for rule in rules + rules { try routes.setRule(rule) }
            #expect(try routes.rules(family).filter { $0.table == 50_000 } == rules)
            for rule in rules + rules { try routes.deleteRule(rule) }
            #expect(try !routes.rules(family).contains { $0.table == 50_000 })
        }
    }

    @Test func `a refusal says what was asked for and why`() async throws {
        try await inThrowawayNamespace {
            var routes = try RouteSocket()
            let prefix = try #require(IPPrefix("10.9.0.0/16"))
            let gateway = try #require(IPAddress("10.8.0.1"))
            let error = #expect(throws: NetlinkError.self) {
                try routes.addRoute(Route(to: prefix, via: gateway))
            }
            #expect(error?.errno == ENETUNREACH)
            #expect(error?.description.hasPrefix("cannot add the route 10.9.0.0/16 via 10.8.0.1: ") == true)
        }
    }

    @Test func `a file that is no namespace is not entered`() async throws {
        try await inThrowawayNamespace {
            let file = try NetworkNamespace(path: "/dev/null")
            #expect(throws: NetlinkError.self) { try file.run { () throws(NetlinkError) in } }
        }
    }
}
