import JSONRPC

/// JSON for people and for diffs: a line a member.
enum PrettyJSON {
    static func text(_ value: JSONValue) -> String { text(value, indent: "") + "\n" }

    private static func text(_ value: JSONValue, indent: String) -> String {
        let inner = indent + "  "
        switch value {
        case .object(let object) where !object.isEmpty:
            let members = object.members.map { member in
                "\(inner)\(JSONValue.string(member.name).text): \(text(member.value, indent: inner))"
            }
            return "{\n\(members.joined(separator: ",\n"))\n\(indent)}"
        case .array(let elements) where elements.contains { $0.object != nil || $0.array != nil }:
            return "[\n\(elements.map { inner + text($0, indent: inner) }.joined(separator: ",\n"))\n\(indent)]"
        default: return value.text
        }
    }
}
