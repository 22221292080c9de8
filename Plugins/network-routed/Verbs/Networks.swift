import JSONRPC
import KenterPluginKit
import KenterProtocol
import Netlink

// validate, create, remove
extension RoutedNetworks {
    func validate(_ request: ProviderNetworkValidate) throws -> ProviderNetworkValidate.Result {
        try translating {
            var spec = request.spec
            let occupied = try occupiedPrefixes()
            if spec.subnet == nil {
                let own = networks.values.flatMap(\.subnets)
                guard let subnet = SubnetPool.firstFree(besides: occupied + own) else {
                    throw RPCError(.exhausted, "every default subnet is in use: name one that this host does not use")
                }
                spec.subnet = subnet.description
            }
            let network = try Network(id: "", name: "", spec: spec)
            try refuseOverlaps(network, occupied, sparing: { $0.subnets == network.subnets })
            return ProviderNetworkValidate.Result(spec: network.spec)
        }
    }

    func create(_ request: ProviderNetworkCreate) throws -> ProviderNetworkCreate.Result {
        try translating {
            try StateStore.checked(id: request.networkId)
            let network = try Network(id: request.networkId, name: request.networkName, spec: request.spec)
            if let present = networks[network.id], present.spec != network.spec {
                throw RPCError(.conflict, "network \(network.id) exists with another specification")
            }
            if networks[network.id] == nil {
                try refuseOverlaps(network, try occupiedPrefixes(), sparing: { _ in false })
            }
            do {
                try make(network)
            } catch {
                unmake(network)
                throw error
            }
            return result(network)
        }
    }

    func remove(_ request: ProviderNetworkRemove) throws -> ProviderNetworkRemove.Result {
        try translating {
            guard let network = networks[request.networkId] else { return Empty() }
            guard !attachments.values.contains(where: { $0.request.networkId == network.id }) else {
                throw RPCError(
                    .precondition, "error while removing network: network \(network.name) has active endpoints")
            }
            _ = try filter.apply([.network(network.id): []])
            let remaining = networks.values.filter { $0.id != network.id }
            try HostSettings(names: names).remove(network, remaining: remaining, &routes)
            if remaining.isEmpty { try filter.uninstall() }
            // Last: until then the network is known, also to a process that is started anew, and can be removed once more.
            try store.remove(.networks, network.id)
            networks[network.id] = nil
            return Empty()
        }
    }

    private func make(_ network: Network) throws {
        // First: whoever dies before the end finds the network again, to make it whole or to remove it.
        try store.save(
            ProviderNetworkCreate(networkId: network.id, networkName: network.name, spec: network.spec), .networks,
            network.id)
        let warnings = try HostSettings(names: names).apply([network], &routes)
        for warning in warnings { context.log.warning(warning) }
        networks[network.id] = network
        _ = try filter.apply([.network(network.id): network.elements])
        if !filter.isInstalled { try filter.install() }
    }

    /// After a failure: what can be taken back is, the reason that travels is the first one.
    private func unmake(_ network: Network) {
        guard !attachments.values.contains(where: { $0.request.networkId == network.id }) else { return }
        networks[network.id] = nil
        do {
            _ = try filter.apply([.network(network.id): []])
            try HostSettings(names: names).remove(network, remaining: networks.values, &routes)
            if networks.isEmpty { try filter.uninstall() }
            try store.remove(.networks, network.id)
        } catch {
            context.log.warning("left of network \(network.id): \(error)")
        }
    }

    private func result(_ network: Network) -> ProviderNetworkCreate.Result {
        var state: JSONObject = ["subnet": .string(network.subnet.description)]
        if let subnet = network.ipv6Subnet { state["ipv6Subnet"] = .string(subnet.description) }
        let gateways = network.subnets.map { network.gateway($0.family).description }
        return ProviderNetworkCreate.Result(state: state, gateways: gateways)
    }

    private func refuseOverlaps(
        _ network: Network, _ occupied: [IPPrefix], sparing isSame: (Network) -> Bool
    ) throws(RPCError) {
        guard network.ipv6Subnet == nil || HostSettings.hasIPv6 else {
            throw RPCError(.unsupported, "ipv6Subnet: this host has IPv6 switched off")
        }
        for subnet in network.subnets {
            if let other = networks.values.first(where: { !isSame($0) && $0.subnets.contains(where: subnet.overlaps) })
            {
                throw RPCError(
                    .conflict,
                    "Pool overlaps with other one on this address space: \(subnet) with network \(other.name)")
            }
            if let other = occupied.first(where: subnet.overlaps) {
                throw RPCError(.conflict, "subnet \(subnet) overlaps \(other), which this host already has a route to")
            }
        }
    }

    /// What the host reaches by itself: its routes and addresses, without default routes and what this root made.
    private func occupiedPrefixes() throws -> [IPPrefix] {
        let own = Set(try routes.links().filter { $0.name.hasPrefix(names.devicePrefix) }.map(\.index))
        let localTable: UInt32 = 255
        let reached = try IPAddress.Family.allCases.flatMap { try routes.routes($0) }.filter { route in
            let isOwn =
                route.table == names.routeTable || (route.kind == .blackhole && route.metric == names.routeTable)
            return !isOwn && route.table != localTable && route.destination.length > 0
        }
        let addresses = try routes.addresses().filter { !own.contains($0.interfaceIndex) }
        return reached.map(\.destination) + addresses.map(\.prefix.network)
    }
}

/// Subnets for networks that name none, in Docker's order: 172.17.0.0/16 to 172.31.0.0/16, then /20s of 192.168.0.0/16.
enum SubnetPool {
    static let subnets: [IPPrefix] =
        (17...31).compactMap { IPPrefix("172.\($0).0.0/16") }
        + stride(from: 0, to: 256, by: 16).compactMap { IPPrefix("192.168.\($0).0/20") }

    static func firstFree(besides occupied: [IPPrefix]) -> IPPrefix? {
        subnets.first { subnet in !occupied.contains(where: subnet.overlaps) }
    }
}
