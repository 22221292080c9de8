import JSONRPC
import KenterProtocol
import KenterState
import Netlink

/// Decides which address of a subnet a container gets.
///
/// A container gets its last address back while that is free. Addresses never used come next, lowest first; released
/// ones last, the longest released first: connections to the old owner have died by then.
struct AddressPool {
    let subnet: IPPrefix
    /// The network's own address, IPv4's broadcast address, and gateways, which no container gets.
    private let reserved: Set<IPAddress>
    private let records: [IPAddress: AddressRecord]

    /// - Parameter records: Of the whole network; those of other subnets are passed over.
    init(subnet: IPPrefix, gateways: [String], records: [AddressRecord]) {
        self.subnet = subnet
        var reserved = Set(gateways.compactMap { IPAddress($0) })
        reserved.insert(subnet.address)
        if subnet.family == .ipv4 { reserved.insert(subnet.last) }
        // Where people expect the gateway of IPv6, too; so both addresses of a container have the same number.
        if subnet.family == .ipv6, let first = subnet.address(at: 1) { reserved.insert(first) }
        self.reserved = reserved
        let known = records.compactMap { record in IPAddress(record.address).map { ($0, record) } }
        self.records = Dictionary(known.filter { subnet.contains($0.0) }) { first, _ in first }
    }

    /// The address for `containerId`; Docker's text where the requested one cannot be had.
    func address(forContainer containerId: String, requested: String?) throws(RPCError) -> IPAddress {
        if let requested { return try check(requested) }
        let own = records.filter { $0.value.containerId == containerId && isFree($0.key) }
        if let last = own.max(by: { $0.value.releasedAt < $1.value.releasedAt }) { return last.key }
        var offset: UInt128 = 1
        while let candidate = subnet.address(at: offset) {
            if !reserved.contains(candidate), records[candidate] == nil { return candidate }
            offset += 1
        }
        let released = records.filter { isFree($0.key) }
        let oldest = released.min { ($0.value.releasedAt, $0.key.value) < ($1.value.releasedAt, $1.key.value) }
        if let oldest { return oldest.key }
        throw RPCError(.exhausted, "no free address left in \(subnet); remove a container or use another network")
    }

    private func isFree(_ address: IPAddress) -> Bool {
        !reserved.contains(address) && records[address]?.isInUse != true
    }

    private func check(_ text: String) throws(RPCError) -> IPAddress {
        guard let address = IPAddress(text) else {
            throw RPCError(.invalidParams, "invalid address \(text): it is no IP address")
        }
        guard subnet.contains(address) else {
            throw RPCError(
                .invalidParams,
                "invalid address \(text): It does not belong to any of this network's subnets (\(subnet))"
            )
        }
        guard isFree(address) else { throw RPCError(.conflict, "Address already in use: \(text)") }
        return address
    }
}
