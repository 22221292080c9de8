import JSONRPC

/// Words of a Dockerfile's instruction: quotes, backslashes and variables, as Docker's own lexer has them.
enum DockerfileWords {
    /// Splits at white space outside quotes; quotes and backslashes stay in the words.
    static func split(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var quote: Character?
        var isEscaped = false
        for character in text {
            if isEscaped {
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if let open = quote {
                if character == open { quote = nil }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character.isWhitespace {
                if !word.isEmpty { words.append(word) }
                word = ""
                continue
            }
            word.append(character)
        }
        return word.isEmpty ? words : words + [word]
    }

    /// Removes quotes and backslashes, and puts in variables of `env` (`NAME=value`) outside single quotes.
    ///
    /// Fails with `invalidParams` when a quote or brace is not closed, and when the result is longer than anything that
    /// the kernel could pass on.
    static func expand(_ word: String, env: [String]) throws(RPCError) -> String {
        var expansion = Expansion(word, env)
        return try expansion.run()
    }

    private struct Expansion {
        private let word: String
        private let env: [String]
        private var rest: Substring

        init(_ word: String, _ env: [String]) {
            self.word = word
            self.env = env
            rest = word[...]
        }

        mutating func run() throws(RPCError) -> String {
            var text = ""
            while let character = rest.popFirst() {
                try check(text)
                switch character {
                case "'":
                    guard let end = rest.firstIndex(of: "'") else { throw unclosed("'") }
                    text += rest[..<end]
                    rest = rest[rest.index(after: end)...]
                case "\"": text += try quoted()
                case "\\": if let next = rest.popFirst() { text.append(next) }
                case "$": text += try variable()
                default: text.append(character)
                }
            }
            try check(text)
            return text
        }

        private mutating func quoted() throws(RPCError) -> String {
            var text = ""
            while let character = rest.popFirst() {
                try check(text)
                switch character {
                case "\"": return text
                case "\\":
                    guard let next = rest.popFirst() else { throw unclosed("\"") }
                    // Inside double quotes a backslash escapes only these.
                    if !["\"", "$", "\\"].contains(next) { text.append(character) }
                    text.append(next)
                case "$": text += try variable()
                default: text.append(character)
                }
            }
            throw unclosed("\"")
        }

        /// After a `$`: `NAME`, `{NAME}`, `{NAME:-default}` or `{NAME:+alternative}`.
        private mutating func variable() throws(RPCError) -> String {
            guard rest.first == "{" else {
                let name = takeName()
                return name.isEmpty ? "$" : value(name) ?? ""
            }
            guard let end = rest.firstIndex(of: "}") else { throw unclosed("{") }
            var inside = rest[rest.index(after: rest.startIndex)..<end]
            rest = rest[rest.index(after: end)...]
            let name = inside.prefix(while: isNameCharacter)
            inside = inside.dropFirst(name.count)
            let found = value(String(name)) ?? ""
            switch inside.prefix(2) {
            case "" where !name.isEmpty: return found
            case ":-" where !name.isEmpty: return found.isEmpty ? String(inside.dropFirst(2)) : found
            case ":+" where !name.isEmpty: return found.isEmpty ? "" : String(inside.dropFirst(2))
            default: throw RPCError(.invalidParams, "unsupported modifier in \(escapedForMessage(word))")
            }
        }

        private mutating func takeName() -> String {
            let name = rest.prefix(while: isNameCharacter)
            rest = rest.dropFirst(name.count)
            return String(name)
        }

        private func isNameCharacter(_ character: Character) -> Bool {
            character == "_" || (character.isASCII && (character.isLetter || character.isNumber))
        }

        private func value(_ name: String) -> String? {
            env.first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
        }

        /// Variables that hold variables grow exponentially.
        private func check(_ text: String) throws(RPCError) {
            guard text.utf8.count < EnvironmentAssembly.stringLimitBytes else {
                throw RPCError(
                    .invalidParams,
                    "a word of a change has \(EnvironmentAssembly.stringLimitBytes) bytes or more with its variables: "
                        + escapedForMessage(String(word.prefix(100))))
            }
        }

        private func unclosed(_ sign: String) -> RPCError {
            RPCError(
                .invalidParams,
                "unexpected end of statement while looking for the end of \(sign) in \(escapedForMessage(word))")
        }
    }
}
