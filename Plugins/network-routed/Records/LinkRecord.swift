import JSONRPC
import KenterProtocol

/// The rules of one link and the network they hold in. Kept on disk as it is here, whether its ends exist or not.
struct LinkRecord: Sendable, Codable, Equatable {
    /// The most ports that one link can open: all of one protocol.
    static let portCountMax = 65_535

    var networkId: String
    var rules: ProviderNetworkRules.LinkRules

    var id: String { rules.linkId }
    var ends: [String] { [rules.from, rules.to] }

    /// Every port that the link opens.
    var ports: [TransportPort] {
        rules.rules.flatMap { rule in
            rule.ports.compactMap { PortRange.parse($0) }.flatMap { range in
                range.map { TransportPort(transport: rule.protocol, number: $0) }
            }
        }
    }

    /// Fails with `invalidParams` for ports that are none or too many, and for a link to itself.
    func checked() throws(RPCError) {
        var count = 0
        for text in rules.rules.flatMap(\.ports) {
            guard let range = PortRange.parse(text) else {
                throw RPCError(.invalidParams, "link \(id): '\(text)' is no port or range of ports")
            }
            count += range.count
        }
        guard count <= Self.portCountMax else {
            throw RPCError(.exhausted, "link \(id) opens \(count) ports; the most is \(Self.portCountMax)")
        }
        guard rules.from != rules.to else {
            throw RPCError(.invalidParams, "link \(id) joins attachment \(rules.from) with itself")
        }
    }
}
