import JSONRPC
import KenterProtocol
import KenterState
import Netlink

// Addresses that a provider with the capability `ipam` has chosen itself; the engine's own choice was a proposal.
extension NetworkService {
    /// Takes the addresses that an attachment has got in place of those that were proposed.
    ///
    /// Fails with `pluginProtocol` where they are none of the network, or somebody else's.
    func take(
        _ texts: [String], of network: NetworkRecord, for attachment: AttachmentRecord
    ) throws -> ContainerAddresses {
        let chosen = try Self.check(texts, of: network)
        try store.write { transaction in
            let taken = try transaction.addresses(onNetwork: network.id).filter {
                $0.isInUse && $0.containerId != attachment.containerId
            }
            for address in [chosen.ipv4, chosen.ipv6].compactMap({ $0 })
            where taken.contains(where: { $0.address == address }) {
                throw Self.refused(address, network, "somebody else has it")
            }
            try transaction.release(attachment.addresses, onNetwork: network.id, at: .now)
            for address in [chosen.ipv4, chosen.ipv6].compactMap({ $0 }) {
                try transaction.take(address: address, onNetwork: network.id, forContainer: attachment.containerId)
            }
            var present = attachment
            present.addresses = chosen
            try transaction.save(present)
        }
        return chosen
    }

    static func check(_ texts: [String], of network: NetworkRecord) throws(RPCError) -> ContainerAddresses {
        var chosen = ContainerAddresses()
        for text in texts {
            guard let prefix = IPPrefix(text),
                network.subnets.contains(where: { $0.contains(prefix.address) && $0.length == prefix.length })
            else { throw refused(text, network, "it is in none of the network's subnets") }
            let isIPv4 = prefix.address.family == .ipv4
            guard (isIPv4 ? chosen.ipv4 : chosen.ipv6) == nil else {
                throw refused(text, network, "there is another one of its family")
            }
            if isIPv4 { chosen.ipv4 = "\(prefix.address)" } else { chosen.ipv6 = "\(prefix.address)" }
        }
        guard chosen != ContainerAddresses() else { throw refused("no address", network, "there must be one") }
        return chosen
    }

    private static func refused(_ what: String, _ network: NetworkRecord, _ reason: String) -> RPCError {
        RPCError(
            .pluginProtocol,
            "the network provider '\(network.provider)' has chosen \(LogText.escape(what, limit: 128)) on network "
                + "\(network.name), and \(reason)")
    }
}
