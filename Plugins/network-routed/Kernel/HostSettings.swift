import Netlink

/// What networks need on the host beside the table: forwarding, the way to the private routing table, and a blackhole
/// for each subnet, so that no packet for a container ever leaves through another device.
struct HostSettings {
    let names: HostNames

    /// Whether the host has IPv6 at all.
    static var hasIPv6: Bool { KernelSetting.get("net/ipv6/conf/lo/disable_ipv6") == "0" }

    /// Makes the settings for these networks; returns what the administrator should know.
    func apply(_ networks: some Collection<Network>, _ routes: inout RouteSocket) throws(NetlinkError) -> [String] {
        var warnings: [String] = []
        let families = Self.families(networks)
        if families.contains(.ipv4), KernelSetting.get("net/ipv4/ip_forward") != "1" {
            try KernelSetting.set("net/ipv4/ip_forward", to: "1")
            warnings.append("switched on net.ipv4.ip_forward: this host now routes IPv4 between all its networks")
        }
        if families.contains(.ipv6), KernelSetting.get("net/ipv6/conf/all/forwarding") != "1" {
            warnings += try deafUplinks(&routes).map { uplink in
                "switched on IPv6 forwarding: \(uplink) no longer listens to router advertisements; "
                    + "set net.ipv6.conf.\(uplink).accept_ra=2 if it gets its address or route from them"
            }
            try KernelSetting.set("net/ipv6/conf/all/forwarding", to: "1")
        }
        for rule in families.flatMap(rules) { try routes.setRule(rule) }
        for route in networks.flatMap(blackholes) { try routes.replaceRoute(route) }
        return warnings
    }

    /// Takes away what a network needed, and with the last one of a family the way to the private table.
    func remove(
        _ network: Network, remaining: some Collection<Network>, _ routes: inout RouteSocket
    ) throws(NetlinkError) {
        for route in blackholes(network) { try routes.deleteRoute(route) }
        let unused = Self.families([network]).subtracting(Self.families(remaining))
        for rule in unused.flatMap(rules) { try routes.deleteRule(rule) }
    }

    /// Whether packets for these networks stay closed in even without the table.
    func failClosed(_ networks: some Collection<Network>, _ routes: inout RouteSocket) throws(NetlinkError) -> Bool {
        for family in Self.families(networks) {
            let present = try routes.rules(family)
            guard rules(family).allSatisfy(present.contains) else { return false }
            let found = Set(try routes.routes(family).filter { $0.kind == .blackhole }.map(\.destination))
            let needed = networks.flatMap(\.subnets).filter { $0.family == family }
            guard needed.allSatisfy(found.contains) else { return false }
        }
        return true
    }

    func rules(_ family: IPAddress.Family) -> [RoutingRule] {
        [
            RoutingRule(
                family: family, priority: 100, mark: .init(value: names.mark, mask: names.mark),
                table: names.routeTable),
            RoutingRule(family: family, priority: 101, inputInterface: "lo", table: names.routeTable),
        ]
    }

    func blackholes(_ network: Network) -> [Route] { network.subnets.map(blackhole) }

    /// The metric tells this root's blackholes from everybody else's.
    func blackhole(_ subnet: IPPrefix) -> Route {
        Route(kind: .blackhole, to: subnet, metric: names.routeTable)
    }

    private static func families(_ networks: some Collection<Network>) -> Set<IPAddress.Family> {
        Set(networks.flatMap(\.subnets).map(\.family))
    }

    private func deafUplinks(_ routes: inout RouteSocket) throws(NetlinkError) -> [String] {
        try routes.links().map(\.name).filter { name in
            name != "lo" && !name.hasPrefix(names.devicePrefix)
                && KernelSetting.get("net/ipv6/conf/\(name)/accept_ra") == "1"
        }
    }
}
