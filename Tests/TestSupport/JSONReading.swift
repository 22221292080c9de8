public import JSONRPC

/// Looking into a JSON document as a test does: what is not there is `null`, so that one expectation says it all.
extension JSONValue {
    /// Parses one document.
    public init(text: String) throws {
        self = try JSONScanner.scan(Array(text.utf8))
    }

    public subscript(_ member: String) -> JSONValue { object?[member] ?? .null }

    public subscript(_ index: Int) -> JSONValue {
        guard let items = array, items.indices.contains(index) else { return .null }
        return items[index]
    }

    /// The strings among the elements.
    public var strings: [String] { (array ?? []).compactMap(\.string) }
}
