import JSONRPC
import KenterProtocol
import KenterState
import Logging
import Netlink

// The network that containers join when nothing else is said.
extension NetworkService {
    /// Makes the default network, or makes sure of it. A failure is logged: the engine has much to do without it, and its
    /// provider's next start tries again, as does whoever needs it.
    func prepareDefaultNetwork() async {
        do {
            try await gate.enter("networks") { try await keepOrMakeDefaultNetwork() }
        } catch {
            log.error(
                "the default network could not be made: see 'kenter plugin list'", metadata: ["error": "\(error)"])
        }
    }

    /// The same where there is none yet, and somebody asks for it.
    func prepareDefaultNetworkIfMissing() async throws {
        if try store.read({ try $0.network(named: Self.defaultName) }) == nil { await prepareDefaultNetwork() }
    }

    /// Keeps the default network as it was made, unless nobody is on it and the configuration asks for another, or the
    /// host has come to use its subnet.
    /// Holds the gate.
    func keepOrMakeDefaultNetwork() async throws {
        guard let known = try store.read({ try $0.network(named: Self.defaultName) }) else {
            return try await makeDefaultNetwork(id: Identifier.hex(digits: 64))
        }
        let isInUse = try store.read { try !$0.attachments(onNetwork: known.id).isEmpty }
        let isAsConfigured = configuration.bridge.agrees(with: known.spec)
        if isInUse && !isAsConfigured {
            log.warning("the default network stays as it is while containers run on it", metadata: ["key": "bridge"])
        }
        if isInUse || isAsConfigured {
            do {
                return try await ensure(known)
            } catch let error as RPCError where error.kind == .conflict && !isInUse {
                log.warning("the default network needs another subnet", metadata: ["reason": "\(error)"])
            }
        }
        try await removeAtProvider(known)
        try await makeDefaultNetwork(id: known.id)
    }

    private func makeDefaultNetwork(id: String) async throws {
        let bridge = configuration.bridge
        let provider = try await plugins.provider(.network)
        let spec = NetworkSpecification(subnet: bridge.subnet, ipv6Subnet: bridge.ipv6Subnet, isolated: !bridge.icc)
        let validated: ProviderNetworkValidate.Result
        do {
            validated = try await plugins.call(
                ProviderNetworkValidate(spec: spec), role: .network, provider: provider.name)
        } catch let error as RPCError {
            throw RPCError(error.kind, "the default network cannot be made (bridge in config.json): \(error)")
        }
        let network = NetworkRecord(
            id: id, name: Self.defaultName, provider: provider.name, spec: validated.spec, createdAt: .now)
        try store.write { transaction in
            try Self.checkOverlap(network, transaction)
            try transaction.save(network)
        }
        if bridge.subnet == nil, network.spec.subnet != "172.17.0.0/16" {
            log.warning("172.17.0.0/16 is in use on this host", metadata: ["chosen": "\(network.spec.subnet ?? "")"])
        }
        try await ensure(network)
    }
}

extension EngineConfiguration.Bridge {
    /// Whether a default network made as `spec` says is what is asked for.
    fileprivate func agrees(with spec: NetworkSpecification) -> Bool {
        (subnet == nil || subnet == spec.subnet)
            && ipv6Subnet.flatMap { IPPrefix($0) } == spec.ipv6Subnet.flatMap { IPPrefix($0) }
            && icc != (spec.isolated ?? false)
    }
}
