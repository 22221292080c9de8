import CLinux
import Glibc
import KenterProtocol
import Netlink

/// The pair of devices between the host and one container, and everything set on either end.
struct ContainerDevice {
    let attachment: Attachment
    let network: Network
    let routeTable: UInt32

    private var prefixes: [IPPrefix] { attachment.request.addresses.compactMap { IPPrefix($0) } }
    private var hasIPv6: Bool { prefixes.contains { $0.family == .ipv6 } }

    /// Makes the pair, sets the container's end up, and leaves the host's end switched off.
    func create(_ routes: inout RouteSocket) throws(NetlinkError) {
        let namespace = try NetworkNamespace(path: attachment.request.netns)
        let interface = attachment.request.interface
        let peer = VethEnd(
            name: interface, hardwareAddress: HardwareAddress.octets(attachment.hardwareAddress))
        let host = VethEnd(name: attachment.device)
        do throws(NetlinkError) {
            try routes.createVeth(host: host, peer: peer, in: namespace, mtu: network.mtu)
        } catch let error where error.errno == EEXIST {
            // The last one with this name: a namespace that is gone takes its devices along a little later.
            try routes.deleteLink(named: attachment.device)
            try routes.createVeth(host: host, peer: peer, in: namespace, mtu: network.mtu)
        }
        try setHostEnd(&routes)
        try namespace.run { () throws(NetlinkError) in try setContainerEnd(interface) }
    }

    /// Opens the way to the container: routes in the private table, host's end switched on.
    func open(_ routes: inout RouteSocket) throws(NetlinkError) {
        guard let link = try routes.link(named: attachment.device) else {
            throw NetlinkError("find the device \(attachment.device)", errno: ENODEV)
        }
        try routes.setLink(index: link.index, up: true)
        for address in attachment.addresses {
            try routes.replaceRoute(Route(to: IPPrefix(host: address), interfaceIndex: link.index, table: routeTable))
        }
        try NetworkNamespace(path: attachment.request.netns).run { () throws(NetlinkError) in try awaitCarrier() }
    }

    /// Runs inside the container's namespace. The end that was switched on first drops what is sent until a worker of
    /// the kernel has noticed that the other one is on: a first packet lost then would cost its sender a second.
    private func awaitCarrier() throws(NetlinkError) {
        var routes = try RouteSocket()
        for _ in 1...1000 {
            // Newer kernels let the worker finish before they answer.
            guard let link = try routes.link(named: attachment.request.interface) else { break }
            if link.isOperational { return }
            usleep(500)
        }
        throw NetlinkError("see the interface \(attachment.request.interface) pass packets", errno: ETIMEDOUT)
    }

    /// Closes the way to the container at once; its routes go with the device's state.
    static func close(_ device: String, _ routes: inout RouteSocket) throws(NetlinkError) {
        guard let link = try routes.link(named: device) else { return }
        do throws(NetlinkError) { try routes.setLink(index: link.index, up: false) } catch let error
            where error.isAbsence
        {
            return
        }
    }

    /// Whether both ends are there as they were made.
    func isWhole(_ routes: inout RouteSocket) throws(NetlinkError) -> Bool {
        guard let host = try routes.link(named: attachment.device), host.isUp else { return false }
        let namespace: NetworkNamespace
        do throws(NetlinkError) { namespace = try NetworkNamespace(path: attachment.request.netns) } catch {
            return false
        }
        let name = attachment.request.interface
        return try namespace.run { () throws(NetlinkError) in
            var inside = try RouteSocket()
            guard let link = try inside.link(named: name) else { return false }
            return link.isUp && link.hardwareAddress == attachment.hardwareAddress
        }
    }

    /// Whether 127.0.0.1 may be translated to the container: only with a port published there.
    static func routesLoopback(_ attachment: Attachment) -> Bool {
        attachment.boundPorts.contains { port in
            guard let address = port.hostAddress.flatMap(IPAddress.init), address.family == .ipv4 else { return false }
            return address.isUnspecified || address.isLoopback
        }
    }

    static func setLoopbackRouting(_ attachment: Attachment) throws(NetlinkError) {
        try KernelSetting.set(
            "net/ipv4/conf/\(attachment.device)/route_localnet", to: routesLoopback(attachment) ? "1" : "0")
    }

    private func setHostEnd(_ routes: inout RouteSocket) throws(NetlinkError) {
        let device = attachment.device
        guard let link = try routes.link(named: device) else {
            throw NetlinkError("find the device \(device)", errno: ENODEV)
        }
        // Without src_valid_mark the reverse path check would not find the private table.
        for (name, value) in [
            ("rp_filter", "1"), ("src_valid_mark", "1"), ("send_redirects", "0"), ("accept_redirects", "0"),
        ] { try KernelSetting.set("net/ipv4/conf/\(device)/\(name)", to: value) }
        try Self.setLoopbackRouting(attachment)
        if KernelSetting.get("net/ipv6/conf/\(device)/disable_ipv6") != nil {
            let settings =
                hasIPv6
                ? [("accept_ra", "0"), ("accept_redirects", "0"), ("dad_transmits", "0"), ("addr_gen_mode", "1")]
                : [("disable_ipv6", "1")]
            for (name, value) in settings { try KernelSetting.set("net/ipv6/conf/\(device)/\(name)", to: value) }
        }
        try routes.setAddress(
            InterfaceAddress(interfaceIndex: link.index, prefix: IPPrefix(host: network.gateway)))
        if hasIPv6, let prefix = IPPrefix(Network.ipv6Gateway, length: 64) {
            try routes.setAddress(
                InterfaceAddress(interfaceIndex: link.index, prefix: prefix, skipsDuplicateDetection: true))
        }
    }

    /// Runs inside the container's namespace.
    private func setContainerEnd(_ interface: String) throws(NetlinkError) {
        var routes = try RouteSocket()
        if let loopback = try routes.link(named: "lo"), !loopback.isUp {
            try routes.setLink(index: loopback.index, up: true)
        }
        guard let link = try routes.link(named: interface) else {
            throw NetlinkError("find the interface \(interface)", errno: ENODEV)
        }
        if KernelSetting.get("net/ipv6/conf/\(interface)/disable_ipv6") != nil {
            let (name, value) = hasIPv6 ? ("accept_ra", "0") : ("disable_ipv6", "1")
            try KernelSetting.set("net/ipv6/conf/\(interface)/\(name)", to: value)
        }
        for prefix in prefixes {
            // Programs see the subnet of an IPv4 address, but nothing of it lies on the link.
            let own = prefix.family == .ipv4 ? prefix : IPPrefix(host: prefix.address)
            try routes.setAddress(
                InterfaceAddress(
                    interfaceIndex: link.index, prefix: own, hasNoPrefixRoute: true,
                    skipsDuplicateDetection: prefix.family == .ipv6))
        }
        try routes.setLink(index: link.index, up: true)
        try addContainerRoutes(link.index, &routes)
    }

    private func addContainerRoutes(_ interfaceIndex: Int32, _ routes: inout RouteSocket) throws(NetlinkError) {
        for route in containerRoutes(interfaceIndex) {
            do throws(NetlinkError) { try routes.addRoute(route) } catch let error where error.errno == EEXIST {
                // A second attachment keeps the default route of the first and adds its own subnet.
                try routes.replaceRoute(Route(to: subnet(route), via: route.gateway, interfaceIndex: interfaceIndex))
            }
        }
    }

    /// Adds what routes the container lacks: its default route may have gone with another attachment.
    func restoreContainerRoutes() throws(NetlinkError) {
        try NetworkNamespace(path: attachment.request.netns).run { () throws(NetlinkError) in
            var routes = try RouteSocket()
            guard let link = try routes.link(named: attachment.request.interface) else { return }
            try addContainerRoutes(link.index, &routes)
        }
    }

    private func subnet(_ route: Route) -> IPPrefix {
        network.subnets.first { $0.family == route.destination.family } ?? network.subnet
    }

    private func containerRoutes(_ interfaceIndex: Int32) -> [Route] {
        var routes: [Route] = []
        for prefix in prefixes {
            let gateway = network.gateway(prefix.family)
            if prefix.family == .ipv4 {
                routes.append(Route(to: IPPrefix(host: gateway), interfaceIndex: interfaceIndex))
            }
            for destination in containerDestinations(prefix.family) {
                routes.append(Route(to: destination, via: gateway, interfaceIndex: interfaceIndex))
            }
        }
        return routes
    }

    /// Everything, or in an internal network its own subnet.
    func containerDestinations(_ family: IPAddress.Family) -> [IPPrefix] {
        if network.isInternal { return network.subnets.filter { $0.family == family } }
        return [IPPrefix(IPAddress(family: family, value: 0), length: 0)].compactMap { $0 }
    }
}
