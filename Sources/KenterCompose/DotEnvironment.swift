/// Files of variables, `.env` and those that `env_file` names: `NAME=value`, `NAME="va\nlue"`, `NAME='$literal'`,
/// `export NAME=value`, with comments behind `#`.
package enum DotEnvironment {
    /// The variables in the order of the file. Values outside single quotes refer to earlier ones and to `environment`.
    package static func parse(
        _ text: String, path: String, _ environment: ComposeEnvironment
    ) throws(ComposeError) -> [(name: String, value: String)] {
        var variables: [(name: String, value: String)] = []
        var bytes = 0
        for (index, rawLine) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            var line = rawLine.drop(while: \.isWhitespace)
            if line.hasPrefix("export ") { line = line.dropFirst(7).drop(while: \.isWhitespace) }
            if line.isEmpty || line.hasPrefix("#") { continue }
            let name = line.prefix { $0 != "=" }.trimmed
            let place = "\(path):\(index + 1)"
            guard !name.isEmpty, !name.contains(where: \.isWhitespace) else {
                throw ComposeError(place, "expected NAME=value")
            }
            guard let equals = line.firstIndex(of: "=") else {
                // A name alone passes the caller's variable on.
                if let value = environment.value(name) { variables.append((name, value)) }
                continue
            }
            let known = variables
            let interpolation = Interpolation { name in
                known.last { $0.name == name }?.value ?? environment.value(name)
            }
            let raw = line[line.index(after: equals)...].drop(while: \.isWhitespace)
            let value = try value(String(raw), place, interpolation)
            bytes += value.utf8.count
            guard bytes <= limitBytes else {
                throw ComposeError(place, "the variables have more than \(limitBytes) bytes together")
            }
            variables.append((name, value))
        }
        return variables
    }

    /// More than any program could be started with.
    private static let limitBytes = 16 << 20

    private static func value(
        _ raw: String, _ place: String, _ interpolation: Interpolation
    ) throws(ComposeError) -> String {
        switch raw.first {
        case "'":
            return String(try quoted(raw.dropFirst(), by: "'", place))
        case "\"":
            var text = ""
            var isEscaped = false
            for character in try quoted(raw.dropFirst(), by: "\"", place) {
                if isEscaped {
                    text += escapes[character] ?? "\\\(character)"
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else {
                    text.append(character)
                }
            }
            return try interpolation.text(text, path: place)
        default:
            // A comment needs white space before it: "a#b" is a value.
            var end = raw.startIndex
            var before: Character = " "
            while end < raw.endIndex, !(raw[end] == "#" && before.isWhitespace) {
                before = raw[end]
                end = raw.index(after: end)
            }
            return try interpolation.text(raw[..<end].trimmed, path: place)
        }
    }

    private static let escapes: [Character: String] = [
        "n": "\n", "r": "\r", "t": "\t", "\"": "\"", "\\": "\\", "$": "$$",
    ]

    private static func quoted(
        _ text: Substring, by quote: Character, _ place: String
    ) throws(ComposeError) -> Substring {
        var isEscaped = false
        for index in text.indices {
            if isEscaped {
                isEscaped = false
            } else if text[index] == "\\", quote == "\"" {
                isEscaped = true
            } else if text[index] == quote {
                return text[..<index]
            }
        }
        throw ComposeError(place, "the quote \(quote) is not closed")
    }
}

extension StringProtocol {
    /// Without white space at both ends.
    var trimmed: String {
        var text = self.drop(while: \.isWhitespace)
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        return String(text)
    }
}
