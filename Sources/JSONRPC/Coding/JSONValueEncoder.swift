/// Makes JSON values from Swift values; `nil` members are left out.
public struct JSONValueEncoder: Sendable {
    public init() {}

    /// Fails only where the type's own `encode(to:)` throws, or for an integer beyond 64 signed bits.
    public func encode(_ value: some Encodable) throws -> JSONValue {
        try ValueEncoder.encode(value)
    }

    /// The same for a type that is known to be an object.
    public func encodeObject(_ value: some Encodable) throws -> JSONObject {
        if value is Empty { return JSONObject() }
        guard let object = try encode(value).object else {
            throw JSONShapeError(path: "", detail: "\(type(of: value)) is no JSON object")
        }
        return object
    }
}

/// Collects one value; containers write into it as they are filled.
private final class ValueEncoder: Encoder {
    enum Content {
        case none
        case single(JSONValue)
        case object(JSONObject)
        case array([JSONValue])
        case slot(ValueEncoder)
    }

    var content = Content.none
    /// Members and elements whose own encoders are filled later than their containers.
    var children: [(name: String?, encoder: ValueEncoder)] = []

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    static func encode(_ value: some Encodable) throws -> JSONValue {
        if let value = value as? JSONValue { return value }
        if let object = value as? JSONObject { return .object(object) }
        let encoder = ValueEncoder()
        try value.encode(to: encoder)
        return encoder.result
    }

    var result: JSONValue {
        switch content {
        case .none: return .object(JSONObject())
        case .single(let value): return value
        case .slot(let encoder): return encoder.result
        case .object(var object):
            for (name, encoder) in children { if let name { object[name] = encoder.result } }
            return .object(object)
        case .array(let elements): return .array(elements + children.map(\.encoder.result))
        }
    }

    func set(_ name: String, _ value: JSONValue) {
        guard case .object(var object) = content else { return }
        // Emptied first so that the members are moved, not copied.
        content = .none
        object.append(name, value)
        content = .object(object)
    }

    func append(_ value: JSONValue) {
        guard case .array(var elements) = content else { return }
        content = .none
        elements.append(value)
        content = .array(elements)
    }

    func child(_ name: String?) -> ValueEncoder {
        let encoder = ValueEncoder()
        children.append((name, encoder))
        return encoder
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        if case .object = content {} else { content = .object(JSONObject()) }
        return KeyedEncodingContainer(MemberEncoder<Key>(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        if case .array = content {} else { content = .array([]) }
        return ElementEncoder(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    static func integer(_ value: some FixedWidthInteger) throws -> JSONValue {
        guard let exact = Int64(exactly: value) else {
            throw JSONShapeError(path: "", detail: "\(value) does not fit 64 signed bits")
        }
        return .integer(exact)
    }
}

extension ValueEncoder: SingleValueEncodingContainer {
    func encodeNil() throws { content = .single(.null) }
    func encode(_ value: Bool) throws { content = .single(.bool(value)) }
    func encode(_ value: String) throws { content = .single(.string(value)) }
    func encode(_ value: Double) throws { content = .single(.double(value)) }
    func encode(_ value: Float) throws { content = .single(.double(Double(value))) }
    func encode(_ value: Int) throws { content = .single(.integer(Int64(value))) }
    func encode(_ value: Int8) throws { content = .single(.integer(Int64(value))) }
    func encode(_ value: Int16) throws { content = .single(.integer(Int64(value))) }
    func encode(_ value: Int32) throws { content = .single(.integer(Int64(value))) }
    func encode(_ value: Int64) throws { content = .single(.integer(value)) }
    func encode(_ value: UInt) throws { content = .single(try Self.integer(value)) }
    func encode(_ value: UInt8) throws { content = .single(.integer(Int64(value))) }
    func encode(_ value: UInt16) throws { content = .single(.integer(Int64(value))) }
    func encode(_ value: UInt32) throws { content = .single(.integer(Int64(value))) }
    func encode(_ value: UInt64) throws { content = .single(try Self.integer(value)) }
    func encode<T: Encodable>(_ value: T) throws { content = .single(try Self.encode(value)) }
}

private struct MemberEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: ValueEncoder
    var codingPath: [any CodingKey] { [] }

    mutating func encodeNil(forKey key: Key) throws { encoder.set(key.stringValue, .null) }
    mutating func encode(_ value: Bool, forKey key: Key) throws { encoder.set(key.stringValue, .bool(value)) }
    mutating func encode(_ value: String, forKey key: Key) throws { encoder.set(key.stringValue, .string(value)) }
    mutating func encode(_ value: Int, forKey key: Key) throws { encoder.set(key.stringValue, .integer(Int64(value))) }
    mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        encoder.set(key.stringValue, try ValueEncoder.encode(value))
    }
    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> { encoder.child(key.stringValue).container(keyedBy: type) }
    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoder.child(key.stringValue).unkeyedContainer()
    }
    mutating func superEncoder() -> any Encoder { encoder.child("super") }
    mutating func superEncoder(forKey key: Key) -> any Encoder { encoder.child(key.stringValue) }
}

private struct ElementEncoder: UnkeyedEncodingContainer {
    let encoder: ValueEncoder
    var codingPath: [any CodingKey] { [] }
    var count: Int {
        guard case .array(let elements) = encoder.content else { return 0 }
        return elements.count + encoder.children.count
    }

    mutating func encodeNil() throws { encoder.append(.null) }
    mutating func encode(_ value: String) throws { encoder.append(.string(value)) }
    mutating func encode<T: Encodable>(_ value: T) throws { encoder.append(try ValueEncoder.encode(value)) }
    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        encoder.child(nil).container(keyedBy: type)
    }
    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder.child(nil).unkeyedContainer() }
    mutating func superEncoder() -> any Encoder { encoder.child(nil) }
}
