import JSONRPC

/// Reads one YAML document as JSON.
struct DocumentReader {
    static let inputBytesMax = 1 << 20
    /// Aliases make a small file large: this is where it ends.
    private static let nodesMax = 100_000
    private static let textBytesMax = 16 << 20
    private static let depthMax = 60
    private static let tags = ["!reset", "!override"]

    /// A value, and what it has cost.
    private struct Read {
        var value: JSONValue
        var nodes: Int
        var bytes: Int
        /// How many levels lie below it.
        var height: Int
    }

    private let parser: YAMLParser
    private var anchors: [String: Read] = [:]
    private var nodes = 0
    private var bytes = 0
    /// The deepest level of the value that is being read.
    private var deepest = 0

    private init(_ parser: YAMLParser) { self.parser = parser }

    /// The value of the only document; null where there is none.
    static func value(of input: [UInt8]) throws(DocumentError) -> JSONValue {
        let parser = try YAMLParser(input)
        guard try parser.next().kind == .document else { return .null }
        var reader = DocumentReader(parser)
        let value = try reader.value(try parser.next(), depth: 0)
        guard try parser.next().kind == .endOfFile else {
            throw DocumentError("there is more than one document in it")
        }
        return value
    }

    /// With a tag of Docker's compose before it as an object of that one name, `{"!override": value}`.
    private mutating func value(_ event: YAMLEvent, depth: Int) throws(DocumentError) -> JSONValue {
        let before = (nodes: nodes, bytes: bytes, deepest: deepest)
        deepest = depth
        try count(1, 0, depth)
        let untagged: JSONValue =
            switch event.kind {
            case .scalar(let text, let isPlain): try scalar(text, isPlain, depth)
            case .sequence: .array(try elements(depth))
            case .mapping: .object(try members(depth))
            case .alias(let name): try named(name, event, depth)
            case .end, .document, .endOfFile: throw DocumentError("nothing is said (line \(event.line))")
            }
        let tag = event.tag.flatMap { Self.tags.contains($0) ? $0 : nil }
        let value = tag.map { .object(JSONObject([($0, untagged)])) } ?? untagged
        if let anchor = event.anchor {
            anchors[anchor] = Read(
                value: value, nodes: nodes - before.nodes, bytes: bytes - before.bytes, height: deepest - depth)
        }
        deepest = max(deepest, before.deepest)
        return value
    }

    private mutating func scalar(_ text: String, _ isPlain: Bool, _ depth: Int) throws(DocumentError) -> JSONValue {
        try count(0, text.utf8.count, depth)
        return isPlain && ["", "~", "null", "Null", "NULL"].contains(text) ? .null : .string(text)
    }

    private mutating func named(_ name: String, _ event: YAMLEvent, _ depth: Int) throws(DocumentError) -> JSONValue {
        guard let read = anchors[name] else {
            throw DocumentError("the alias *\(name) refers to nothing that ends before it (line \(event.line))")
        }
        try count(read.nodes, read.bytes, depth + read.height)
        return read.value
    }

    private mutating func elements(_ depth: Int) throws(DocumentError) -> [JSONValue] {
        var elements: [JSONValue] = []
        while true {
            let event = try parser.next()
            if event.kind == .end { return elements }
            elements.append(try value(event, depth: depth + 1))
        }
    }

    private mutating func members(_ depth: Int) throws(DocumentError) -> JSONObject {
        var object = JSONObject()
        var merged: [JSONObject] = []
        while true {
            let key = try parser.next()
            if key.kind == .end { break }
            let place = "(line \(key.line))"
            guard case .scalar(let name, let isPlain) = key.kind, !Self.tags.contains(name) else {
                throw DocumentError("a name must be a text, and no tag \(place)")
            }
            try count(0, name.utf8.count, depth)
            let value = try value(try parser.next(), depth: depth + 1)
            guard name == "<<", isPlain else {
                guard object[name] == nil else { throw DocumentError("'\(name)' is there twice \(place)") }
                object[name] = value
                continue
            }
            for source in value.array ?? [value] {
                guard let object = source.object else { throw DocumentError("<< needs a mapping \(place)") }
                merged.append(object)
            }
        }
        // What stands in the mapping itself wins, then the first of those merged into it.
        for source in merged {
            for member in source.members where object[member.name] == nil { object[member.name] = member.value }
        }
        return object
    }

    private mutating func count(_ nodes: Int, _ bytes: Int, _ depth: Int) throws(DocumentError) {
        self.nodes += nodes
        self.bytes += bytes
        deepest = max(deepest, depth)
        guard self.nodes <= Self.nodesMax, self.bytes <= Self.textBytesMax, depth < Self.depthMax else {
            throw DocumentError("the file is too large or too deep")
        }
    }
}
