import CLinux
import Glibc

/// Devices, addresses, routes and routing rules of one network namespace, over rtnetlink.
///
/// Everything it does happens in the namespace of the thread that opened it (see ``NetworkNamespace/run(_:)``), at once:
/// when a call returns, the kernel has made the change. Not to be used by two threads at a time.
public struct RouteSocket: ~Copyable, Sendable {
    var socket: NetlinkSocket

    public init() throws(NetlinkError) {
        socket = try NetlinkSocket(family: NETLINK_ROUTE)
    }
}

extension NetlinkError {
    /// Whether the kernel says that what was to be removed is not there.
    public var isAbsence: Bool { [ENODEV, ESRCH, ENOENT, EADDRNOTAVAIL].contains(errno) }
}
