/// Names and numbers of host objects, derived from the engine's root so that two engines can share a host.
///
/// With the root's id `ab12`: devices `kvab12…`, the table `inet kenter-ab12`, the routing table 7000 + 0xab12, and one
/// of the eight highest bits of the packet mark, 24 + 0xab12 mod 8. Engines that share a bit still keep their own
/// containers apart: a marked packet finds no route in the other's table and goes on to its own.
struct HostNames: Sendable, Equatable {
    /// Every device on the host's side starts with it.
    let devicePrefix: String
    /// Of the nftables table, family inet.
    let filterTable: String
    /// The only table with routes to containers; also the metric of this root's blackholes.
    let routeTable: UInt32
    /// Set by the nftables table on packets that may use ``routeTable``.
    let mark: UInt32

    /// `nil` unless `instance` is four lower-case hexadecimal digits.
    init?(instance: String) {
        guard instance.utf8.count == 4, instance.utf8.allSatisfy(isLowerHexadecimal),
            let number = UInt32(instance, radix: 16)
        else { return nil }
        devicePrefix = "kv\(instance)"
        filterTable = "kenter-\(instance)"
        routeTable = 7000 + number
        mark = 1 << (24 + number % 8)
    }

    /// Matches all of this root's devices in a rule.
    var devicePattern: String { "\(devicePrefix)*" }

    /// The host's side of an attachment: the prefix and eight digits of the attachment's id.
    ///
    /// Ids that do not start with eight hexadecimal digits, or start like another one's, are hashed.
    func device(of attachmentId: String, taken: (String) -> Bool) -> String {
        let digits = attachmentId.prefix(8)
        let plain = devicePrefix + digits
        if digits.utf8.count == 8, digits.utf8.allSatisfy(isLowerHexadecimal), !taken(plain) { return plain }
        var hash: UInt32 = 2_166_136_261
        while true {
            for byte in attachmentId.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
            let text = String(hash, radix: 16)
            let name = devicePrefix + String(repeating: "0", count: 8 - text.count) + text
            if !taken(name) { return name }
        }
    }
}

private func isLowerHexadecimal(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (97...102).contains(byte)
}
