/// Why a value does not have the shape that was asked for.
public struct JSONShapeError: Error, Equatable, CustomStringConvertible {
    /// Where, from the root: `publish[0]`; empty for the root itself.
    public var path: String
    /// What is wrong there: "expected a string, found an integer".
    public var detail: String

    public init(path: String = "", detail: String) {
        self.path = path
        self.detail = detail
    }

    public var description: String { path.isEmpty ? detail : "\(path): \(detail)" }
}

/// Makes Swift values from JSON values, exactly: no number becomes a string, no fraction an integer.
public struct JSONValueDecoder: Sendable {
    /// Whether a member that the type does not know is an error.
    public var refusesUnknownMembers: Bool

    public init(refusesUnknownMembers: Bool = false) {
        self.refusesUnknownMembers = refusesUnknownMembers
    }

    /// Fails with ``JSONShapeError``, or with what the type's own initializer throws.
    public func decode<T: Decodable>(_ type: T.Type, from value: JSONValue) throws -> T {
        try ValueDecoder(value, parent: nil, step: nil, refusesUnknownMembers).decodeWhole(type)
    }

    /// Fails with ``JSONShapeError``, or with what the type's own initializer throws.
    public func decode<T: Decodable>(_ type: T.Type, from object: JSONObject) throws -> T {
        try decode(type, from: .object(object))
    }
}

private func words<E: CaseIterable & RawRepresentable>(of type: E.Type) -> String {
    type.allCases.map { "'\($0.rawValue)'" }.joined(separator: " or ")
}

/// One value within the tree; knows its way from the root only through its parent, so that paths cost nothing until
/// an error needs one.
private final class ValueDecoder: Decoder {
    enum Step {
        case member(String)
        case index(Int)
    }

    let value: JSONValue
    let parent: ValueDecoder?
    let step: Step?
    let refusesUnknownMembers: Bool
    /// Names that the type asked for; `nil` until it asks for members at all.
    var asked: Set<MemberName>?
    /// Where each member of a large object stands, so that reading all of them stays linear.
    private lazy var positions = Dictionary(
        (value.object?.members ?? []).enumerated().map { (MemberName($1.name), $0) }
    ) { first, _ in first }
    /// Whether the type reads the value itself, not its members.
    var isTakenWhole = false

    init(_ value: JSONValue, parent: ValueDecoder?, step: Step?, _ refusesUnknownMembers: Bool) {
        self.value = value
        self.parent = parent
        self.step = step
        self.refusesUnknownMembers = refusesUnknownMembers
    }

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    var path: String {
        let prefix = parent?.path ?? ""
        switch step {
        case .member(let name): return prefix.isEmpty ? name : "\(prefix).\(name)"
        case .index(let index): return "\(prefix)[\(index)]"
        case nil: return ""
        }
    }

    func failure(_ detail: String) -> JSONShapeError { JSONShapeError(path: path, detail: detail) }
    func mismatch(_ expected: String) -> JSONShapeError { failure("expected \(expected), found \(value.typeName)") }
    func child(_ value: JSONValue, _ step: Step) -> ValueDecoder {
        ValueDecoder(value, parent: self, step: step, refusesUnknownMembers)
    }

    func decodeWhole<T: Decodable>(_ type: T.Type) throws -> T {
        if type == JSONValue.self, let value = value as? T { return value }
        if type == JSONObject.self {
            guard let object = value.object as? T else { throw mismatch("an object") }
            return object
        }
        let result: T
        do {
            result = try T(from: self)
        } catch let error as JSONShapeError where error.path.isEmpty {
            // Thrown by the type itself, which does not know where it stands.
            throw failure(error.detail)
        } catch is DecodingError {
            // Thrown by an enumeration for a word that is none of its own.
            let choices = (type as? any (CaseIterable & RawRepresentable).Type).map { words(of: $0) } ?? "another value"
            throw failure("expected \(choices), found \(value.string.map { "'\($0)'" } ?? value.typeName)")
        }
        // A type that asked for nothing at all has no members.
        if refusesUnknownMembers, !isTakenWhole, let object = value.object {
            for name in object.names where asked?.contains(MemberName(name)) != true {
                throw JSONShapeError(path: child(.null, .member(name)).path, detail: "unknown parameter")
            }
        }
        return result
    }

    /// The value of a member; notes that the type has asked for it.
    func member(_ name: String, of object: JSONObject) -> JSONValue? {
        if refusesUnknownMembers { asked?.insert(MemberName(name)) }
        guard object.members.count > 16 else { return object[name] }
        return positions[MemberName(name)].map { object.members[$0].value }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard let object = value.object else { throw mismatch("an object") }
        asked = asked ?? []
        return KeyedDecodingContainer(MemberContainer<Key>(decoder: self, object: object))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard let elements = value.array else { throw mismatch("an array") }
        return ElementContainer(decoder: self, elements: elements)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        isTakenWhole = true
        return self
    }

    func fixedInteger<T: FixedWidthInteger>(_ type: T.Type) throws -> T {
        guard let integer = value.integer else { throw mismatch("an integer") }
        guard let exact = T(exactly: integer) else {
            throw failure("\(integer) is out of the range \(T.min)...\(T.max)")
        }
        return exact
    }
}

extension ValueDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool { value == .null }
    func decode(_ type: Bool.Type) throws -> Bool {
        guard let bool = value.bool else { throw mismatch("a boolean") }
        return bool
    }
    func decode(_ type: String.Type) throws -> String {
        guard let string = value.string else { throw mismatch("a string") }
        return string
    }
    func decode(_ type: Double.Type) throws -> Double {
        switch value {
        case .double(let double): return double
        case .integer(let integer): return Double(integer)
        default: throw mismatch("a number")
        }
    }
    func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }
    func decode(_ type: Int.Type) throws -> Int { try fixedInteger(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try fixedInteger(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try fixedInteger(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try fixedInteger(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try fixedInteger(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try fixedInteger(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try fixedInteger(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try fixedInteger(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try fixedInteger(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try fixedInteger(type) }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try decodeWhole(type) }
}

private struct MemberContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: ValueDecoder
    let object: JSONObject

    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { object.names.compactMap(Key.init(stringValue:)) }

    func contains(_ key: Key) -> Bool { decoder.member(key.stringValue, of: object) != nil }

    func member(_ key: Key) throws -> ValueDecoder {
        guard let value = decoder.member(key.stringValue, of: object) else {
            throw decoder.failure("missing '\(key.stringValue)'")
        }
        return decoder.child(value, .member(key.stringValue))
    }

    func decodeNil(forKey key: Key) throws -> Bool { try member(key).decodeNil() }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try member(key).decode(type) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try member(key).decode(type) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try member(key).decode(type) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try member(key).decode(type) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try member(key).decode(type) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try member(key).decode(type) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try member(key).decode(type) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try member(key).decode(type) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try member(key).decode(type) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try member(key).decode(type) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try member(key).decode(type) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try member(key).decode(type) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try member(key).decode(type) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try member(key).decode(type) }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try member(key).decodeWhole(type) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { try member(key).container(keyedBy: type) }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try member(key).unkeyedContainer()
    }
    func superDecoder() throws -> any Decoder { decoder }
    func superDecoder(forKey key: Key) throws -> any Decoder { try member(key) }
}

private struct ElementContainer: UnkeyedDecodingContainer {
    let decoder: ValueDecoder
    let elements: [JSONValue]
    var currentIndex = 0

    init(decoder: ValueDecoder, elements: [JSONValue]) {
        self.decoder = decoder
        self.elements = elements
    }

    var codingPath: [any CodingKey] { [] }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    mutating func next() throws -> ValueDecoder {
        guard !isAtEnd else { throw decoder.failure("expected more than \(elements.count) elements") }
        defer { currentIndex += 1 }
        return decoder.child(elements[currentIndex], .index(currentIndex))
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, elements[currentIndex] == .null else { return false }
        currentIndex += 1
        return true
    }
    mutating func decode(_ type: Bool.Type) throws -> Bool { try next().decode(type) }
    mutating func decode(_ type: String.Type) throws -> String { try next().decode(type) }
    mutating func decode(_ type: Double.Type) throws -> Double { try next().decode(type) }
    mutating func decode(_ type: Float.Type) throws -> Float { try next().decode(type) }
    mutating func decode(_ type: Int.Type) throws -> Int { try next().decode(type) }
    mutating func decode(_ type: Int8.Type) throws -> Int8 { try next().decode(type) }
    mutating func decode(_ type: Int16.Type) throws -> Int16 { try next().decode(type) }
    mutating func decode(_ type: Int32.Type) throws -> Int32 { try next().decode(type) }
    mutating func decode(_ type: Int64.Type) throws -> Int64 { try next().decode(type) }
    mutating func decode(_ type: UInt.Type) throws -> UInt { try next().decode(type) }
    mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try next().decode(type) }
    mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try next().decode(type) }
    mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try next().decode(type) }
    mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try next().decode(type) }
    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next().decodeWhole(type) }
    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> { try next().container(keyedBy: type) }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { try next() }
}
