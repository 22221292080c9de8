import CLinux
import Glibc

/// Tells when tables of the packet filter (nftables) lose something, whoever took it away.
public struct PacketFilterWatch: ~Copyable, Sendable {
    private var socket: NetlinkSocket

    /// Watches the namespace of the calling thread from now on.
    public init() throws(NetlinkError) {
        let socket = try NetlinkSocket(family: NETLINK_NETFILTER)
        try socket.join(group: Int32(NFNLGRP_NFTABLES.rawValue))
        self.socket = socket
    }

    /// What happened.
    public enum Loss: Sendable, Equatable {
        /// Tables, chains, rules or sets were deleted in the tables of these names.
        case tables(Set<String>)
        /// More happened than the socket could hold: anything may be gone.
        case unknown
    }

    /// Blocks until something is lost.
    public mutating func next() throws(NetlinkError) -> Loss {
        while true {
            var names: Set<String> = []
            do throws(NetlinkError) {
                try socket.nextNotification { type, payload in
                    if let name = deletedFrom(type, payload) { names.insert(name) }
                }
            } catch let error where error.errno == ENOBUFS {
                return .unknown
            }
            if !names.isEmpty { return .tables(names) }
        }
    }
}

/// The table that a notification says something was deleted from; in all of them attribute 1 is its name.
private func deletedFrom(_ type: Int32, _ payload: ArraySlice<UInt8>) -> String? {
    guard type >> 8 == NFNL_SUBSYS_NFTABLES else { return nil }
    let deletions = [NFT_MSG_DELTABLE, NFT_MSG_DELCHAIN, NFT_MSG_DELRULE, NFT_MSG_DELSET]
    guard deletions.contains(where: { Int32($0.rawValue) == type & 0xff }) else { return nil }
    return NetlinkAttributes(payload.dropFirst(MemoryLayout<nfgenmsg>.size))[Int(NFTA_TABLE_NAME.rawValue)]?.text
}
