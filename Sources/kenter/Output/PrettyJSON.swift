import JSONRPC

/// JSON for people: indented by four spaces, and safe on a terminal.
enum PrettyJSON {
    static func text(_ value: JSONValue) -> String {
        var output = ""
        append(value, indentation: 0, to: &output)
        return output
    }

    /// One line, equally safe.
    static func line(_ value: JSONValue) -> String { escaped(value.text) }

    private static func append(_ value: JSONValue, indentation: Int, to output: inout String) {
        switch value {
        case .object(let object):
            list("{", "}", object.members, indentation, &output) { member, output in
                output += "\(line(.string(member.name))): "
                append(member.value, indentation: indentation + 4, to: &output)
            }
        case .array(let elements):
            list("[", "]", elements, indentation, &output) { element, output in
                append(element, indentation: indentation + 4, to: &output)
            }
        default: output += line(value)
        }
    }

    private static func list<T>(
        _ opening: String, _ closing: String, _ items: [T], _ indentation: Int, _ output: inout String,
        _ body: (T, inout String) -> Void
    ) {
        output += opening
        for (index, item) in items.enumerated() {
            output += (index == 0 ? "\n" : ",\n") + String(repeating: " ", count: indentation + 4)
            body(item, &output)
        }
        if !items.isEmpty { output += "\n" + String(repeating: " ", count: indentation) }
        output += closing
    }

    /// Whatever the writer left as it is within strings; outside of them there is nothing unsafe.
    private static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: TerminalText.isUnsafe) else { return text }
        var output = ""
        for scalar in text.unicodeScalars {
            if TerminalText.isUnsafe(scalar) {
                output += TerminalText.unicodeEscape(scalar)
            } else {
                output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
