/// Puts variables into text: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:?error}`, `${NAME:+alternative}`, each also
/// without the colon (then an empty value counts as set), nested; `$$` is a dollar sign.
package struct Interpolation {
    /// The longest that the kernel would pass on (MAX_ARG_STRLEN, execve(2)).
    private static let limitBytes = 128 << 10
    private static let limitDepth = 64

    private let value: (String) -> String?
    /// Called with the name of each variable that has no value and no default.
    private let missing: (String) -> Void

    package init(_ value: @escaping (String) -> String?, missing: @escaping (String) -> Void = { _ in }) {
        self.value = value
        self.missing = missing
    }

    package func text(_ text: String, path: String) throws(ComposeError) -> String {
        guard text.contains("$") else { return text }
        var rest = text[...]
        return try expand(&rest, path, depth: 0)
    }

    private func expand(_ rest: inout Substring, _ path: String, depth: Int) throws(ComposeError) -> String {
        guard depth <= Self.limitDepth else {
            throw ComposeError(path, "interpolations are nested more than \(Self.limitDepth) deep")
        }
        var result = ""
        while let character = rest.first {
            if depth > 0, character == "}" { return result }
            rest.removeFirst()
            guard character == "$" else {
                result.append(character)
                continue
            }
            switch rest.first {
            case "$":
                rest.removeFirst()
                result.append("$")
            case "{":
                rest.removeFirst()
                result += try braced(&rest, path, depth)
            default:
                let name = takeName(&rest)
                guard !name.isEmpty else {
                    throw ComposeError(path, "invalid interpolation: write $$ for a dollar sign")
                }
                result += plain(name)
            }
            guard result.utf8.count <= Self.limitBytes else {
                throw ComposeError(path, "a value has more than \(Self.limitBytes) bytes with its variables")
            }
        }
        return result
    }

    private func braced(_ rest: inout Substring, _ path: String, _ depth: Int) throws(ComposeError) -> String {
        let name = takeName(&rest)
        guard !name.isEmpty else { throw ComposeError(path, "invalid interpolation: a name is missing behind ${") }
        guard !rest.isEmpty else { throw ComposeError(path, "invalid interpolation: } is missing behind \(name)") }
        let countsEmpty = rest.first != ":"
        if !countsEmpty { rest.removeFirst() }
        guard let sign = rest.first, "-?+}".contains(sign), sign != "}" || countsEmpty else {
            throw ComposeError(path, "invalid interpolation of \(name): use ${\(name)}, :-, :? or :+")
        }
        if sign != "}" { rest.removeFirst() }
        let word = try sign == "}" ? "" : expand(&rest, path, depth: depth + 1)
        guard rest.first == "}" else { throw ComposeError(path, "invalid interpolation: } is missing behind \(name)") }
        rest.removeFirst()
        let found = value(name).flatMap { countsEmpty || !$0.isEmpty ? $0 : nil }
        switch sign {
        case "-": return found ?? word
        case "+": return found == nil ? "" : word
        case "?":
            guard let found else {
                throw ComposeError(path, "the variable \(name) is required\(word.isEmpty ? "" : ": \(word)")")
            }
            return found
        default: return plain(name)
        }
    }

    private func plain(_ name: String) -> String {
        if let value = value(name) { return value }
        missing(name)
        return ""
    }

    private func takeName(_ rest: inout Substring) -> String {
        let name = rest.prefix { $0 == "_" || ($0.isASCII && ($0.isLetter || $0.isNumber)) }
        guard name.first?.isNumber == false else { return "" }
        rest = rest.dropFirst(name.count)
        return String(name)
    }
}
