import JSONRPC
import KenterProtocol
import KenterState

/// Decides which address of a network a container gets.
///
/// A container gets its last address back while that is free. Addresses never used come next, lowest first; released
/// ones last, the longest released first: connections to the old owner have died by then.
struct AddressPool {
    let subnet: IPv4Subnet
    /// Network, broadcast and gateway addresses, which no container gets.
    private let reserved: Set<UInt32>
    private let records: [UInt32: AddressRecord]

    init(subnet: IPv4Subnet, gateways: [UInt32], records: [AddressRecord]) {
        self.subnet = subnet
        reserved = Set(gateways + [subnet.base, subnet.last])
        self.records = Dictionary(records.map { ($0.address, $0) }) { first, _ in first }
    }

    /// The address for `containerId`; Docker's text where the requested one cannot be had.
    func address(forContainer containerId: String, requested: UInt32?) throws(RPCError) -> UInt32 {
        if let requested { return try check(requested, containerId) }
        let own = records.values.filter { $0.containerId == containerId && isFree($0.address) }
        if let last = own.max(by: { $0.releasedAt < $1.releasedAt }) { return last.address }
        var candidate = subnet.base
        while candidate <= subnet.last {
            if !reserved.contains(candidate), records[candidate] == nil { return candidate }
            if candidate == .max { break }
            candidate += 1
        }
        let released = records.values.filter { isFree($0.address) }
        if let oldest = released.min(by: { ($0.releasedAt, $0.address) < ($1.releasedAt, $1.address) }) {
            return oldest.address
        }
        throw RPCError(.exhausted, "no free address left in \(subnet); remove a container or use another network")
    }

    private func isFree(_ address: UInt32) -> Bool {
        !reserved.contains(address) && records[address]?.isInUse != true
    }

    private func check(_ address: UInt32, _ containerId: String) throws(RPCError) -> UInt32 {
        let text = IPv4Address.text(address)
        guard subnet.contains(address) else {
            throw RPCError(
                .invalidParams,
                "invalid address \(text): It does not belong to any of this network's subnets (\(subnet))")
        }
        guard isFree(address) else {
            throw RPCError(.conflict, "Address already in use: \(text)")
        }
        return address
    }
}
