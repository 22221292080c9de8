import JSONRPC

/// Finds the shapes of types by letting them read from a decoder that has nothing to read, but writes down what it is
/// asked for: so a schema is what the type does, and cannot drift from it.
package final class ShapeProbe {
    /// Every object type met so far, by name.
    package private(set) var records: [String: Record] = [:]
    private var underWay: Set<String> = []

    package init() {}

    /// A type's name without its module: `ContainerCreate.Result`.
    package static func name(of type: Any.Type) -> String {
        let full = String(reflecting: type)
        return full.firstIndex(of: ".").map { String(full[full.index(after: $0)...]) } ?? full
    }

    package func shape<T: Decodable>(of type: T.Type) throws -> Shape {
        switch type {
        case is JSONValue.Type: return .any
        case is JSONObject.Type: return .anyObject
        case let type as any DescribedShape.Type: return .described(type.schema)
        case let type as any ProbedPrimitive.Type: return type.shape
        case let type as any ProbedWrapper.Type: return try type.shape(self)
        case let type as any (CaseIterable & RawRepresentable).Type: return .choice(try Self.choices(type))
        default: return try record(type)
        }
    }

    private static func choices<C: CaseIterable & RawRepresentable>(_ type: C.Type) throws -> [String] {
        try C.allCases.map { value in
            guard let text = value.rawValue as? String else {
                throw ShapeError(description: "\(type) is no set of strings")
            }
            return text
        }
    }

    /// The members that a type reads; `nil` where it reads no object of its own.
    package func members<T: Decodable>(of type: T.Type) throws -> [Record.Member] {
        guard case .record(let name) = try record(type) else { return [] }
        return records[name]?.members ?? []
    }

    private func record<T: Decodable>(_ type: T.Type) throws -> Shape {
        let name = Self.name(of: type)
        guard records[name] == nil, underWay.insert(name).inserted else { return .record(name) }
        defer { underWay.remove(name) }
        let decoder = ProbingDecoder(self)
        do {
            _ = try T(from: decoder)
            if !decoder.conditions.isEmpty {
                let other = ProbingDecoder(self, without: decoder.conditions)
                _ = try T(from: other)
                decoder.add(other.members)
            }
        } catch let error as ShapeError {
            throw error
        } catch {
            throw ShapeError(
                description:
                    "\(name) cannot be probed (\(error)): make an enumeration CaseIterable, and a type that reads "
                    + "values of its own a DescribedShape")
        }
        if let single = decoder.single { return single }
        records[name] = Record(members: decoder.members)
        return .record(name)
    }

    /// Some value of a type, for a reader that wants one before it asks for more.
    func sample<T: Decodable>(_ type: T.Type) throws -> T {
        let value: Any
        switch type {
        case is JSONValue.Type: value = JSONValue.null
        case is JSONObject.Type: value = JSONObject()
        case let type as any DescribedShape.Type: value = type.sample
        case let type as any ProbedPrimitive.Type: value = type.sample
        case let type as any ProbedWrapper.Type: value = type.sample
        case let type as any CaseIterable.Type: value = try Self.first(type)
        default: return try T(from: ProbingDecoder(self))
        }
        guard let sample = value as? T else { throw ShapeError(description: "no sample of \(type)") }
        return sample
    }

    private static func first<C: CaseIterable>(_ type: C.Type) throws -> Any {
        guard let first = C.allCases.first else { throw ShapeError(description: "\(type) has no case") }
        return first
    }
}

// MARK: types of the standard library

/// A type that JSON has itself.
private protocol ProbedPrimitive {
    static var shape: Shape { get }
    static var sample: Self { get }
}

extension String: ProbedPrimitive {
    fileprivate static var shape: Shape { .string }
    fileprivate static var sample: String { "" }
}

extension Bool: ProbedPrimitive {
    fileprivate static var shape: Shape { .boolean }
    fileprivate static var sample: Bool { false }
}

extension Double: ProbedPrimitive {
    fileprivate static var shape: Shape { .number }
    fileprivate static var sample: Double { 0 }
}

extension FixedWidthInteger {
    fileprivate static var shape: Shape {
        // JSON numbers are read as 64 bits: those bounds say nothing.
        .integer(
            least: min == Int64.min ? nil : Int64(clamping: min),
            most: Int64(exactly: max).flatMap { $0 == .max ? nil : $0 })
    }
    fileprivate static var sample: Self { 0 }
}

extension Int: ProbedPrimitive {}
extension Int8: ProbedPrimitive {}
extension Int16: ProbedPrimitive {}
extension Int32: ProbedPrimitive {}
extension Int64: ProbedPrimitive {}
extension UInt: ProbedPrimitive {}
extension UInt8: ProbedPrimitive {}
extension UInt16: ProbedPrimitive {}
extension UInt32: ProbedPrimitive {}
extension UInt64: ProbedPrimitive {}

/// A type made of others.
private protocol ProbedWrapper {
    static func shape(_ probe: ShapeProbe) throws -> Shape
    static var sample: Self { get }
}

extension Optional: ProbedWrapper where Wrapped: Decodable {
    fileprivate static func shape(_ probe: ShapeProbe) throws -> Shape { try probe.shape(of: Wrapped.self) }
    fileprivate static var sample: Self { nil }
}

extension Array: ProbedWrapper where Element: Decodable {
    fileprivate static func shape(_ probe: ShapeProbe) throws -> Shape { .array(try probe.shape(of: Element.self)) }
    fileprivate static var sample: Self { [] }
}

extension Dictionary: ProbedWrapper where Key == String, Value: Decodable {
    fileprivate static func shape(_ probe: ShapeProbe) throws -> Shape { .map(try probe.shape(of: Value.self)) }
    fileprivate static var sample: Self { [:] }
}
