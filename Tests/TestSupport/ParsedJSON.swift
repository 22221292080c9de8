import Foundation

/// A JSON document as a test looks at it: missing members are `null`, so that one expectation says it all.
public enum ParsedJSON: Decodable, Equatable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([ParsedJSON])
    case object([String: ParsedJSON])

    /// Parses one document.
    public init(text: String) throws {
        self = try JSONDecoder().decode(ParsedJSON.self, from: Data(text.utf8))
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {  // Each wrong shape throws: try the next.
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([ParsedJSON].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: ParsedJSON].self))
        }
    }

    public subscript(_ member: String) -> ParsedJSON {
        if case .object(let members) = self { members[member] ?? .null } else { .null }
    }

    public subscript(_ index: Int) -> ParsedJSON {
        if case .array(let items) = self, items.indices.contains(index) { items[index] } else { .null }
    }

    public var string: String? { if case .string(let value) = self { value } else { nil } }
    public var integer: Int? { if case .number(let value) = self { Int(exactly: value) } else { nil } }
    public var items: [ParsedJSON] { if case .array(let items) = self { items } else { [] } }
    public var strings: [String] { items.compactMap(\.string) }
    public var members: [String: ParsedJSON] { if case .object(let members) = self { members } else { [:] } }
}
