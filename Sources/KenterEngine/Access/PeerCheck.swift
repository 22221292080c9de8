import CLinux
import Glibc

/// Who may speak to the engine over its socket.
struct PeerCheck: Sendable {
    /// Members of this group may, when there is one.
    static let groupName = "kenter"

    private let owner = geteuid()
    private let group: gid_t?

    init() {
        group = getgrnam(Self.groupName).map { $0.pointee.gr_gid }
    }

    /// The group that the socket belongs to; `nil` when there is none of that name.
    var socketGroup: gid_t? { group }

    /// The peer's user id when it may call, `nil` when not.
    func user(of descriptor: Int32) -> uid_t? {
        var (pid, uid, gid): (pid_t, uid_t, gid_t) = (0, 0, 0)
        guard clinux_peer_credentials(descriptor, &pid, &uid, &gid) == 0 else { return nil }
        // The overflow id stands for anybody of another user namespace.
        guard uid != 65534 else { return nil }
        if uid == owner || (owner == 0 && uid == 0) { return uid }
        guard owner == 0, let group else { return nil }
        if gid == group { return uid }
        var groups = [gid_t](repeating: 0, count: 65_536)
        let count = clinux_peer_groups(descriptor, &groups, Int32(groups.count))
        return count > 0 && groups[..<Int(count)].contains(group) ? uid : nil
    }
}
