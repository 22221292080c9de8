import JSONRPC

/// A decoder without anything to decode: gives samples, and remembers what it was asked for.
final class ProbingDecoder: Decoder {
    private let probe: ShapeProbe
    private(set) var members: [Record.Member] = []
    /// What a type reads that is no object itself.
    private(set) var single: Shape?
    /// Members whose presence was asked for before they were read: those may be missing.
    private var questioned: Set<String> = []
    /// Those of them that were asked for nothing else: what else is read may depend on them.
    private(set) var conditions: Set<String> = []
    /// What is said to be missing.
    private let absent: Set<String>

    init(_ probe: ShapeProbe, without absent: Set<String> = []) {
        self.probe = probe
        self.absent = absent
    }

    /// Adds what is read when members are missing on which that depends: each may be missing then.
    func add(_ others: [Record.Member]) {
        for index in members.indices {
            let isAlways = others.contains { $0.name == members[index].name && !$0.isOptional }
            if !isAlways { members[index].isOptional = true }
        }
        for var other in others where !members.contains(where: { $0.name == other.name }) {
            other.isOptional = true
            members.append(other)
        }
    }

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(ProbingContainer(decoder: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw ShapeError(description: "a type that reads an array by itself must be a DescribedShape")
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    fileprivate func question(_ name: String) -> Bool {
        questioned.insert(name)
        conditions.insert(name)
        return !absent.contains(name)
    }

    fileprivate func isNull(_ name: String) -> Bool {
        conditions.remove(name)
        return false
    }

    fileprivate func read<T: Decodable>(_ name: String, _ type: T.Type, by key: Any.Type) throws -> T {
        if !members.contains(where: { $0.name == name }) {
            let isOptional = questioned.contains(name)
            members.append(
                Record.Member(
                    name: name, shape: try probe.shape(of: type), isOptional: isOptional, owner: Self.owner(of: key)))
        }
        return try probe.sample(type)
    }

    /// The type that a type of coding keys belongs to; a private one has a longer name.
    private static func owner(of key: Any.Type) -> String {
        let name = ShapeProbe.name(of: key)
        return name.lastIndex(of: ".").map { dot in
            let start = name.firstRange(of: ".(")?.lowerBound ?? dot
            return String(name[..<start])
        } ?? name
    }
}

extension ProbingDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool { false }
    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        single = try probe.shape(of: type)
        return try probe.sample(type)
    }
}

private struct ProbingContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: ProbingDecoder

    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool { decoder.question(key.stringValue) }
    func decodeNil(forKey key: Key) throws -> Bool { decoder.isNull(key.stringValue) }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try decoder.read(key.stringValue, type, by: Key.self)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { throw Self.unsupported(key) }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw Self.unsupported(key) }
    func superDecoder() throws -> any Decoder { decoder }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw Self.unsupported(key) }

    private static func unsupported(_ key: Key) -> ShapeError {
        ShapeError(description: "'\(key.stringValue)' is read piece by piece: give it a type of its own")
    }
}
