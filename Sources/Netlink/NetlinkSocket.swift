import CLinux
import Glibc

/// A netlink socket of the network namespace of the thread that opened it; it stays there wherever it is used.
struct NetlinkSocket: ~Copyable {
    let descriptor: Int32
    private var sequence: UInt32 = 0
    private var buffer = [UInt8](repeating: 0, count: 64 * 1024)

    /// Opens a socket of `family` (`NETLINK_ROUTE`, `NETLINK_NETFILTER`).
    init(family: Int32) throws(NetlinkError) {
        descriptor = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), family)
        guard descriptor >= 0 else { throw NetlinkError("open a netlink socket", errno: errno) }
        // The kernel's sentence beside the error number; old kernels do without.
        enable(NETLINK_EXT_ACK)
        enable(NETLINK_CAP_ACK)
    }

    deinit { close(descriptor) }

    private func enable(_ option: Int32) {
        var on: Int32 = 1
        setsockopt(descriptor, SOL_NETLINK, option, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Receives the messages of a multicast group from now on.
    func join(group: Int32) throws(NetlinkError) {
        // A socket without a number of its own gets no copy of what is sent to a group.
        var address = sockaddr_nl()
        address.nl_family = sa_family_t(AF_NETLINK)
        let bound = withUnsafeBytes(of: &address) { bytes in
            bind(descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
        guard bound == 0 else { throw NetlinkError("bind a netlink socket", errno: errno) }
        var group = group
        let size = socklen_t(MemoryLayout<Int32>.size)
        guard setsockopt(descriptor, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, size) == 0 else {
            throw NetlinkError("subscribe to netlink group \(group)", errno: errno)
        }
    }

    /// Asks for a change and waits until the kernel has made it.
    mutating func change(_ message: NetlinkMessage, _ operation: @autoclosure () -> String) throws(NetlinkError) {
        var message = message
        message.flags |= UInt16(NLM_F_ACK)
        try exchange(message, operation()) { _, _ in }
    }

    /// Asks a question and hands every message of the answer, without its header, to `body` with its type.
    ///
    /// The kernel marks a listing during which something changed; such a listing is asked for again, so `body` may see
    /// the same object more than once.
    mutating func query(
        _ message: NetlinkMessage, _ operation: @autoclosure () -> String,
        _ body: (_ type: Int32, _ payload: ArraySlice<UInt8>) -> Void
    ) throws(NetlinkError) {
        for attempt in 1...5 {
            do throws(NetlinkError) {
                return try exchange(message, operation(), body)
            } catch let error where error.errno == EINTR && attempt < 5 {
                continue
            }
        }
    }

    private mutating func exchange(
        _ message: NetlinkMessage, _ operation: @autoclosure () -> String,
        _ body: (Int32, ArraySlice<UInt8>) -> Void
    ) throws(NetlinkError) {
        sequence &+= 1
        let bytes = message.encoded(sequence: sequence)
        guard send(descriptor, bytes, bytes.count, 0) == bytes.count else {
            throw NetlinkError(operation(), errno: errno)
        }
        var interrupted = false
        while true {
            var rest = try receive(operation())
            while let header = rest.structure(nlmsghdr.self), header.nlmsg_len >= 16,
                Int(header.nlmsg_len) <= rest.count
            {
                let payload = rest.dropFirst(16).prefix(Int(header.nlmsg_len) - 16)
                rest = rest.dropFirst((Int(header.nlmsg_len) + 3) & ~3)
                // An answer to an earlier request that failed half-way.
                guard header.nlmsg_seq == sequence else { continue }
                if Int32(header.nlmsg_flags) & NLM_F_DUMP_INTR != 0 { interrupted = true }
                switch Int32(header.nlmsg_type) {
                case NLMSG_ERROR, NLMSG_DONE:
                    let status = payload.number(Int32.self) ?? 0
                    if status != 0 {
                        throw NetlinkError(operation(), errno: -status, detail: explanation(header, payload))
                    }
                    if interrupted { throw NetlinkError(operation(), errno: EINTR) }
                    return
                case let type:
                    body(type, payload)
                    let isPart = Int32(header.nlmsg_flags) & NLM_F_MULTI != 0
                    let isAcknowledged = Int32(message.flags) & NLM_F_ACK != 0
                    if !isPart && !isAcknowledged { return }
                }
            }
        }
    }

    /// One datagram; longer ones than the buffer do not exist in the protocols spoken here.
    private mutating func receive(_ operation: @autoclosure () -> String) throws(NetlinkError) -> ArraySlice<UInt8> {
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 { return buffer[..<count] }
            if count < 0 && errno == EINTR { continue }
            throw NetlinkError(operation(), errno: count == 0 ? EIO : errno)
        }
    }

    /// Waits for the next datagram of a joined group and hands its messages, without headers, to `body`.
    mutating func nextNotification(
        _ body: (_ type: Int32, _ payload: ArraySlice<UInt8>) -> Void
    ) throws(NetlinkError) {
        var rest = try receive("receive notifications")
        while let header = rest.structure(nlmsghdr.self), header.nlmsg_len >= 16, Int(header.nlmsg_len) <= rest.count {
            body(Int32(header.nlmsg_type), rest.dropFirst(16).prefix(Int(header.nlmsg_len) - 16))
            rest = rest.dropFirst((Int(header.nlmsg_len) + 3) & ~3)
        }
    }
}

/// The sentence of an extended acknowledgement: it follows the error number and the refused message's header.
private func explanation(_ header: nlmsghdr, _ payload: ArraySlice<UInt8>) -> String {
    guard Int32(header.nlmsg_flags) & NLM_F_ACK_TLVS != 0 else { return "" }
    let isDone = Int32(header.nlmsg_type) == NLMSG_DONE
    let attributes = NetlinkAttributes(payload.dropFirst(isDone ? 4 : 4 + 16))
    return attributes[Int(NLMSGERR_ATTR_MSG.rawValue)]?.text ?? ""
}
