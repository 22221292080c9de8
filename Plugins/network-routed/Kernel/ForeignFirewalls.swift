import JSONRPC
import KenterProtocol
import Netlink

/// Finds tables of others that drop forwarded packets before two accepts for this root's devices are added; another
/// table's drop is final. Reads nft's JSON listing of a table; never changes anything.
///
/// Tables of the old iptables (not through nf_tables) cannot be seen this way.
struct ForeignFirewalls {
    let names: HostNames
    /// Families that some network has.
    let families: Set<IPAddress.Family>

    /// Whether forwarded packets pass the chain and it belongs to somebody else.
    func isSuspect(_ chain: PacketFilterBaseChain) -> Bool {
        chain.isForward && chain.type == "filter" && chain.table != names.filterTable && isRelevant(chain.family)
    }

    /// The table's name and what to do about it; `nil` when it lets this root's packets pass.
    func block(_ suspect: PacketFilterBaseChain, inTable listing: String) -> ProviderNetworkCheck.ForeignBlock? {
        let rules = objects("rule", listing)
        let expressions = rules.map { (chain: $0["chain"]?.string ?? "", steps: $0["expr"]?.array ?? []) }
        let dropsByRule = expressions.contains { $0.chain == suspect.name && isUnconditionalDrop($0.steps) }
        guard suspect.dropsByPolicy || dropsByRule else { return nil }
        let passes = ["iifname", "oifname"].allSatisfy { key in
            expressions.contains { isAccept($0.steps, key) }
        }
        if passes { return nil }
        let chains = objects("chain", listing).compactMap { $0["name"]?.string }
        return ProviderNetworkCheck.ForeignBlock(
            table: "\(suspect.family) \(suspect.table)", remedy: remedy(suspect, chains: chains))
    }

    private func remedy(_ suspect: PacketFilterBaseChain, chains: [String]) -> String {
        let chain = chains.contains("DOCKER-USER") ? "DOCKER-USER" : suspect.name
        // Kept by iptables, which refuses tables with rules that are not its own.
        if suspect.table == "filter", suspect.name == "FORWARD", suspect.family != "inet" {
            let tool = suspect.family == "ip6" ? "ip6tables" : "iptables"
            return ["-i", "-o"].map { "\(tool) -I \(chain) \($0) \(names.devicePrefix)+ -j ACCEPT" }
                .joined(separator: "\n")
        }
        return ["iifname", "oifname"].map { key in
            "nft insert rule \(suspect.family) \(suspect.table) \(chain) \(key) '\"\(names.devicePattern)\"' accept"
        }.joined(separator: "\n")
    }

    private func isRelevant(_ family: String) -> Bool {
        switch family {
        case "ip": families.contains(.ipv4)
        case "ip6": families.contains(.ipv6)
        case "inet": !families.isEmpty
        default: false
        }
    }

    private func isUnconditionalDrop(_ steps: [JSONValue]) -> Bool {
        let verdicts = steps.compactMap(\.object).filter {
            $0["counter"] == nil && $0["comment"] == nil && $0["log"] == nil
        }
        guard verdicts.count == 1, let verdict = verdicts.first else { return false }
        return verdict["drop"] != nil || verdict["reject"] != nil
    }

    private func isAccept(_ steps: [JSONValue], _ key: String) -> Bool {
        let objects = steps.compactMap(\.object)
        guard objects.contains(where: { $0["accept"] != nil }) else { return false }
        return objects.contains { step in
            guard let match = step["match"]?.object, match["op"]?.string == "==" else { return false }
            return match["left"]?.object?["meta"]?.object?["key"]?.string == key
                && match["right"]?.string == names.devicePattern
        }
    }

    /// The members named `kind` of nft's `{"nftables": [{kind: {…}}, …]}`.
    private func objects(_ kind: String, _ listing: String) -> [JSONObject] {
        // Listings are as long as the host's rule sets.
        let limits = JSONLimits(depth: 64, tokens: 10_000_000, stringBytes: 1 << 20, numberBytes: 64)
        guard let document = try? JSONScanner.scan(listing.utf8, limits: limits) else { return [] }  // Nothing to tell.
        return document.object?["nftables"]?.array?.compactMap { $0.object?[kind]?.object } ?? []
    }
}
