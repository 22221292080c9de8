import KenterProtocol
import Netlink

// check
extension RoutedNetworks {
    func check(_ request: ProviderNetworkCheck) throws -> ProviderNetworkCheck.Result {
        try translating {
            // Before the first network there is nothing to keep apart.
            if filter.isInstalled, !filter.isWhole() { restoreTable() }
            let isWhole = !filter.isInstalled || filter.isWhole()
            return ProviderNetworkCheck.Result(
                isolated: isWhole, antiSpoof: isWhole,
                failClosed: try HostSettings(names: names).failClosed(networks.values, &routes),
                foreignBlocks: foreignBlocks(), ipv6: HostSettings.hasIPv6)
        }
    }

    private func foreignBlocks() -> [ProviderNetworkCheck.ForeignBlock] {
        let families = Set(networks.values.flatMap(\.subnets).map(\.family))
        let firewalls = ForeignFirewalls(names: names, families: families)
        guard let chains = filter.list("chains") else { return [] }
        return firewalls.suspects(inChains: chains).compactMap { suspect in
            filter.list("table \(suspect.family) \(suspect.table)").flatMap { firewalls.block(suspect, inTable: $0) }
        }
    }
}
