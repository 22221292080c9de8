/// Attributes received from the kernel: a sequence of kind and payload that stops at the first one that does not fit.
struct NetlinkAttributes: Sequence, IteratorProtocol {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func next() -> (kind: Int, payload: ArraySlice<UInt8>)? {
        guard let length = rest.number(UInt16.self), let kind = rest.number(UInt16.self, at: 2),
            length >= 4, Int(length) <= rest.count
        else { return nil }
        let payload = rest.dropFirst(4).prefix(Int(length) - 4)
        rest = rest.dropFirst((Int(length) + 3) & ~3)
        // The two highest bits say "nested" and "network order".
        return (Int(kind & 0x3fff), payload)
    }

    /// The payload of the first attribute of that kind.
    subscript(kind: Int) -> ArraySlice<UInt8>? {
        for attribute in self where attribute.kind == kind { return attribute.payload }
        return nil
    }

    func nested(_ kind: Int) -> NetlinkAttributes? { self[kind].map(NetlinkAttributes.init) }
}

extension ArraySlice<UInt8> {
    /// A number in host byte order, `offset` bytes into the slice; `nil` when it would end outside.
    func number<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type, at offset: Int = 0) -> Value? {
        guard count >= offset + MemoryLayout<Value>.size else { return nil }
        return withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
    }

    /// A C structure at the start of the slice; `nil` when it would end outside.
    func structure<Header: BitwiseCopyable>(_ type: Header.Type) -> Header? {
        guard count >= MemoryLayout<Header>.size else { return nil }
        return withUnsafeBytes { $0.loadUnaligned(as: Header.self) }
    }

    /// Text up to the first NUL.
    var text: String { String(decoding: prefix { $0 != 0 }, as: UTF8.self) }
}
