import CLinux

/// A netlink message under construction: its kind, its flags, and a payload of one fixed header and attributes.
struct NetlinkMessage: Sendable {
    var type: UInt16
    var flags: UInt16
    private(set) var payload: [UInt8] = []

    init(_ type: Int, flags: Int32 = 0) {
        self.type = UInt16(truncatingIfNeeded: type)
        self.flags = UInt16(truncatingIfNeeded: NLM_F_REQUEST | flags)
    }

    /// Appends a C structure as it lies in memory.
    mutating func append<Header: BitwiseCopyable>(_ header: Header) {
        withUnsafeBytes(of: header) { payload.append(contentsOf: $0) }
        pad()
    }

    mutating func attribute(_ kind: Int, _ bytes: some Collection<UInt8>) {
        let length = UInt16(4 + bytes.count)
        withUnsafeBytes(of: length) { payload.append(contentsOf: $0) }
        withUnsafeBytes(of: UInt16(kind)) { payload.append(contentsOf: $0) }
        payload.append(contentsOf: bytes)
        pad()
    }

    mutating func attribute<Value: FixedWidthInteger>(_ kind: Int, number value: Value) {
        attribute(kind, withUnsafeBytes(of: value) { Array($0) })
    }

    /// A NUL-terminated string.
    mutating func attribute(_ kind: Int, _ text: String) {
        attribute(kind, Array(text.utf8) + [0])
    }

    /// An attribute whose payload `body` appends.
    mutating func nested(_ kind: Int, _ body: (inout NetlinkMessage) -> Void) {
        let start = payload.count
        attribute(kind, [])
        body(&self)
        let length = UInt16(payload.count - start)
        withUnsafeBytes(of: length) { payload.replaceSubrange(start..<start + 2, with: $0) }
    }

    private mutating func pad() {
        while payload.count % 4 != 0 { payload.append(0) }
    }

    /// The whole message with its header, in host byte order.
    func encoded(sequence: UInt32) -> [UInt8] {
        let header = nlmsghdr(
            nlmsg_len: UInt32(16 + payload.count), nlmsg_type: type, nlmsg_flags: flags, nlmsg_seq: sequence,
            nlmsg_pid: 0)
        return withUnsafeBytes(of: header) { Array($0) } + payload
    }
}
