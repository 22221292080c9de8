import KenterProtocol
import Netlink

// check
extension RoutedNetworks {
    func check(_ request: ProviderNetworkCheck) throws -> ProviderNetworkCheck.Result {
        try translating {
            let isWhole = try filter.isWhole()
            let families = Set(networks.values.flatMap(\.subnets).map(\.family))
            return ProviderNetworkCheck.Result(
                isolated: isWhole, antiSpoof: isWhole,
                failClosed: try HostSettings(names: names).failClosed(networks.values, &routes),
                foreignBlocks: try filter.foreignBlocks(families), ipv6: HostSettings.hasIPv6)
        }
    }
}
