package import JSONRPC

/// A tree as YAML, for people to read: block style, texts quoted where YAML would take them for something else.
package enum YAMLText {
    package static func text(_ value: JSONValue) -> String {
        var output = ""
        write(value, "", isInline: false, &output)
        return output
    }

    private static func write(_ value: JSONValue, _ indent: String, isInline: Bool, _ output: inout String) {
        switch value {
        case .object(let object) where !object.isEmpty:
            for (index, member) in object.members.enumerated() {
                output += (isInline && index == 0 ? "" : indent) + scalar(member.name) + ":"
                writeMember(member.value, indent, &output)
            }
        case .array(let items) where !items.isEmpty:
            for (index, item) in items.enumerated() {
                output += (isInline && index == 0 ? "" : indent) + "- "
                if isNested(item) {
                    write(item, indent + "  ", isInline: true, &output)
                } else {
                    output += plain(item) + "\n"
                }
            }
        default: output += plain(value) + "\n"
        }
    }

    private static func writeMember(_ value: JSONValue, _ indent: String, _ output: inout String) {
        guard isNested(value) else {
            output += " \(plain(value))\n"
            return
        }
        output += "\n"
        write(value, indent + "  ", isInline: false, &output)
    }

    private static func isNested(_ value: JSONValue) -> Bool {
        switch value {
        case .object(let object): !object.isEmpty
        case .array(let items): !items.isEmpty
        default: false
        }
    }

    private static func plain(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): scalar(text)
        case .object: "{}"
        case .array: "[]"
        default: value.text
        }
    }

    private static func scalar(_ text: String) -> String {
        let isSafe =
            text.first.map { $0.isASCII && ($0.isLetter || "/._".contains($0)) } == true
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-@+=,$%".contains($0)) }
            && !["true", "false", "yes", "no", "on", "off", "y", "n", "null", "."].contains(text.lowercased())
        return isSafe ? text : JSONValue.string(text).text
    }
}
