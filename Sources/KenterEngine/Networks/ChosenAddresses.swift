import JSONRPC
import KenterProtocol
import KenterState
import Netlink

// Addresses that a provider with the capability `ipam` has chosen itself; the engine's own choice was a proposal.
extension NetworkService {
    /// Takes the addresses that an attachment has got in place of those that it had, or that were proposed.
    ///
    /// Fails with `pluginProtocol` where they are another attachment's.
    static func take(
        _ chosen: ContainerAddresses, of network: NetworkRecord, for attachment: AttachmentRecord,
        _ transaction: Transaction
    ) throws {
        // Not by the container: one of its attachments that lingers may have it.
        let own = [attachment.addresses.ipv4, attachment.addresses.ipv6]
        let taken = try transaction.addresses(onNetwork: network.id).filter { $0.isInUse && !own.contains($0.address) }
        let addresses = [chosen.ipv4, chosen.ipv6].compactMap { $0 }
        for address in addresses where taken.contains(where: { $0.address == address }) {
            throw refused(address, network, "somebody else has it")
        }
        try transaction.release(attachment.addresses, onNetwork: network.id, at: .now)
        for address in addresses {
            try transaction.take(address: address, onNetwork: network.id, forContainer: attachment.containerId)
        }
    }

    /// Fails with `pluginProtocol` where they are none that a member of the network can have.
    static func check(_ texts: [String], of network: NetworkRecord) throws(RPCError) -> ContainerAddresses {
        var chosen = ContainerAddresses()
        for text in texts {
            guard let prefix = IPPrefix(text),
                network.subnets.contains(where: { $0.contains(prefix.address) && $0.length == prefix.length })
            else { throw refused(text, network, "it is in none of the network's subnets") }
            guard !network.hasAsItsOwn(prefix.address) else {
                throw refused(text, network, "no container can have that: it is the network's own")
            }
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

extension NetworkRecord {
    /// Whether an address is the network's, a gateway's or the broadcast address.
    fileprivate func hasAsItsOwn(_ address: IPAddress) -> Bool {
        gateways.contains { IPAddress($0) == address }
            || subnets.contains { $0.address == address || ($0.family == .ipv4 && $0.last == address) }
    }
}
