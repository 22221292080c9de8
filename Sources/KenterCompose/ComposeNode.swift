import JSONRPC
import KenterProtocol

/// A part of a compose file and where it stands. Scalars are texts as written; what they mean depends on who asks.
struct ComposeNode {
    let path: String
    let value: JSONValue

    private func failure(_ text: String) -> ComposeError { ComposeError(path, text) }

    var isNull: Bool { value == .null }

    func text() throws(ComposeError) -> String {
        guard let text = value.string else { throw failure("expected a text, found \(value.typeName)") }
        return text
    }

    func bool() throws(ComposeError) -> Bool {
        switch try text().lowercased() {
        case "true", "yes", "on", "y", "1": return true
        case "false", "no", "off", "n", "0": return false
        default: throw failure("expected true or false, found '\(try text())'")
        }
    }

    func integer() throws(ComposeError) -> Int {
        guard let number = Int(try text()) else { throw failure("expected a whole number, found '\(try text())'") }
        return number
    }

    func number() throws(ComposeError) -> Double {
        guard let number = Double(try text()), number.isFinite else {
            throw failure("expected a number, found '\(try text())'")
        }
        return number
    }

    func seconds() throws(ComposeError) -> Double {
        guard let seconds = DurationText.seconds(try text()) else {
            throw failure("expected a length of time such as 30s or 1m30s, found '\(try text())'")
        }
        return seconds
    }

    func bytes() throws(ComposeError) -> Int64 {
        guard let bytes = SizeText.bytes(try text()) else {
            throw failure("expected a size such as 64m or 1g, found '\(try text())'")
        }
        return bytes
    }

    func list() throws(ComposeError) -> [ComposeNode] {
        guard let items = value.array else { throw failure("expected a list, found \(value.typeName)") }
        return items.enumerated().map { ComposeNode(path: "\(path)[\($0)]", value: $1) }
    }

    /// The members of a mapping, in the order of the file; of nothing, none.
    func members() throws(ComposeError) -> [(name: String, node: ComposeNode)] {
        if isNull { return [] }
        guard let object = value.object else { throw failure("expected a mapping, found \(value.typeName)") }
        return object.members.map { ($0.name, ComposeNode(path: "\(path).\($0.name)", value: $0.value)) }
    }

    /// A list of texts, or one text.
    func texts() throws(ComposeError) -> [String] {
        if isNull { return [] }
        if value.array == nil { return [try text()] }
        return try list().map { node throws(ComposeError) in try node.text() }
    }

    /// Names with values, as a mapping or as a list of `NAME=value`; no value where none is given.
    func pairs(separators: [Character] = ["="]) throws(ComposeError) -> [(name: String, value: String?)] {
        if value.array != nil {
            return try texts().map { entry in
                guard let index = entry.firstIndex(where: separators.contains) else { return (entry, nil) }
                return (String(entry[..<index]), String(entry[entry.index(after: index)...]))
            }
        }
        var pairs: [(name: String, value: String?)] = []
        for (name, node) in try members() { pairs.append((name, try node.isNull ? nil : node.text())) }
        return pairs
    }

    /// A command: a list of words, or a text that is split into words as a shell does.
    func words() throws(ComposeError) -> [String] {
        if value.array != nil { return try texts() }
        guard let words = ShellWords.split(try text()) else { throw failure("a quote is not closed") }
        return words
    }
}

/// Words of a command line: quotes and backslashes, but no variables.
enum ShellWords {
    /// `nil` when a quote is not closed.
    static func split(_ text: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var isEscaped = false
        for character in text {
            if isEscaped {
                if quote == "\"", !["\"", "\\", "$", "`"].contains(character) { word = (word ?? "") + "\\" }
                word = (word ?? "") + String(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "\"" || character == "'" {
                quote = character
                word = word ?? ""
            } else if character.isWhitespace {
                if let word { words.append(word) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        guard quote == nil, !isEscaped else { return nil }
        return words + (word.map { [$0] } ?? [])
    }
}
