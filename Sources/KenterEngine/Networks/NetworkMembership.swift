import JSONRPC
import KenterProtocol
import KenterState
import Netlink

extension MembershipRecord {
    /// A membership as somebody asks for it. Fails with `invalidParams` or `conflict` and Docker's texts.
    static func checked(
        container: String, network: NetworkRecord, position: Int, aliases: [String]?, ip: String?, ip6: String?
    ) throws -> MembershipRecord {
        let aliases = aliases ?? []
        guard aliases.isEmpty || network.name != NetworkService.defaultName else { throw NetworkRefusal.alias }
        for alias in aliases where !HostName.isValid(alias) {
            throw RPCError(
                .invalidParams,
                "invalid network alias \(LinkAlias.quoted(alias)): labels of 1 to 63 letters, digits, '-' and '_'")
        }
        let subnets = network.subnets
        func address(_ text: String?, isIPv4: Bool) throws -> String? {
            guard let text else { return nil }
            guard let subnet = subnets.first(where: { ($0.family == .ipv4) == isIPv4 }) else {
                throw RPCError(
                    .invalidParams, "network \(network.name) has no \(isIPv4 ? "IPv4" : "IPv6") subnet for \(text)")
            }
            let pool = AddressPool(subnet: subnet, gateways: network.gateways, records: [])
            return try pool.address(forContainer: container, requested: text).description
        }
        return MembershipRecord(
            containerId: container, networkId: network.id, position: position, aliases: aliases,
            requested: ContainerAddresses(
                ipv4: try address(ip, isIPv4: true), ipv6: try address(ip6, isIPv4: false)))
    }
}

/// Why a container cannot join or leave a network. The texts are Docker's: scripts match on them.
enum NetworkRefusal {
    static var alias: RPCError {
        RPCError(
            .invalidParams, "network-scoped alias is supported only for containers in user defined networks")
    }

    static var address: RPCError {
        RPCError(.invalidParams, "user specified IP address is supported on user defined networks only")
    }

    static var hostNetwork: RPCError {
        RPCError(
            .invalidParams, "container cannot be disconnected from host network or connected to host network")
    }

    static var sharedNetwork: RPCError {
        RPCError(
            .invalidParams,
            "container sharing network namespace with another container or host cannot be connected to any other network"
        )
    }

    static var noNetwork: RPCError {
        RPCError(
            .invalidParams,
            "container cannot be connected to multiple networks with one of the networks in private (none) mode")
    }

    static var mixedModes: RPCError {
        RPCError(
            .invalidParams,
            "conflicting options: cannot attach both user-defined and non-user-defined network-modes")
    }

    static func namedTwice(_ network: String) -> RPCError {
        RPCError(.invalidParams, "network \"\(network)\" is specified multiple times")
    }

    static func alreadyConnected(_ container: String, _ network: String) -> RPCError {
        RPCError(.alreadyExists, "endpoint with name \(container) already exists in network \(network)")
    }

    static func notConnected(_ container: String, _ network: String) -> RPCError {
        RPCError(.notFound, "container \(container) is not connected to network \(network)")
    }
}
