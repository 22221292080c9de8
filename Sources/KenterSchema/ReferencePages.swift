package import JSONRPC

/// The reference as Markdown, one page a noun, from an OpenRPC document and nothing else.
package struct ReferencePages {
    private let document: JSONObject
    private let schemas: JSONObject

    package init(_ document: JSONObject) {
        self.document = document
        schemas = document["components"]?.object?["schemas"]?.object ?? JSONObject()
    }

    private var methods: [JSONObject] { (document["methods"]?.array ?? []).compactMap(\.object) }

    /// File name → text.
    package var pages: [String: String] {
        var pages: [String: String] = [:]
        let nouns = Dictionary(grouping: methods) { noun(of: $0) }
        for (noun, methods) in nouns { pages["\(noun).md"] = page(noun, methods) }
        pages["README.md"] = index(nouns.keys.sorted())
        return pages
    }

    private func noun(of method: JSONObject) -> String {
        method["tags"]?.array?.first?.object?["name"]?.string ?? "other"
    }

    private func index(_ nouns: [String]) -> String {
        var lines = [
            "# \(document["info"]?.object?["title"]?.string ?? "")", "",
            "Made from the engine's own types by `make reference`; a running engine serves the same as `rpc.discover`.",
            "",
            document["info"]?.object?["description"]?.string ?? "", "", "| Method | |", "|---|---|",
        ]
        for method in methods {
            let name = method["name"]?.string ?? ""
            lines.append(
                "| [`\(name)`](\(noun(of: method)).md#\(name.split(separator: ".").joined().lowercased())) | \(cell(method["summary"])) |"
            )
        }
        lines += ["", "## Notifications", "", "| Name | From | Members |", "|---|---|---|"]
        for notification in (document["x-notifications"]?.array ?? []).compactMap(\.object) {
            let members = resolved(notification["params"]?.object ?? [:])["properties"]?.object?.names ?? []
            lines.append(
                "| `\(notification["name"]?.string ?? "")` | \(notification["sender"]?.string ?? "") | "
                    + members.map { "`\($0)`" }.joined(separator: ", ") + " |")
        }
        lines += ["", "## Errors", "", "| Kind | Code | Again? |", "|---|---|---|"]
        for error in document["components"]?.object?["errors"]?.object?.members ?? [] {
            let object = error.value.object ?? [:]
            let again = object["data"]?.object?["retryable"] == true ? "may succeed" : ""
            lines.append("| `\(error.name)` | \(object["code"]?.text ?? "") | \(again) |")
        }
        let common = (document["x-commonErrors"]?.array ?? []).compactMap(\.string).map { "`\($0)`" }
        if !common.isEmpty { lines += ["", "Any method may return \(common.joined(separator: ", "))."] }
        lines += [
            "",
            "What a plugin itself answers is passed on, with `answered` and the plugin's name in `plugin` of the error's "
                + "`data`: its kind may be any.",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private func page(_ noun: String, _ methods: [JSONObject]) -> String {
        var (lines, shown) = (["# \(noun)"], [String]())
        for method in methods {
            let name = method["name"]?.string ?? ""
            lines += ["", "## \(name)", ""]
            if let text = method["description"]?.string { lines += [text, ""] }
            let params = (method["params"]?.array ?? []).compactMap(\.object)
            if !params.isEmpty { lines += table("Parameter", params.map { row($0, &shown) }) + [""] }
            let result = method["result"]?.object?["schema"]?.object ?? [:]
            lines += resultLines(result, &shown)
            let errors = (method["errors"]?.array ?? []).compactMap {
                $0.object?["$ref"]?.string?.split(separator: "/").last
            }
            if !errors.isEmpty { lines += ["", "Errors: " + errors.map { "`\($0)`" }.joined(separator: ", ") + "."] }
            for example in (method["examples"]?.array ?? []).compactMap(\.object) {
                lines += self.example(example, of: name)
            }
        }
        lines += types(shown)
        return lines.joined(separator: "\n") + "\n"
    }

    private func resultLines(_ schema: JSONObject, _ shown: inout [String]) -> [String] {
        let record = resolved(schema)
        guard let members = record["properties"]?.object?.members, !members.isEmpty else {
            return ["Result: an object\(schema["$ref"] == nil ? "" : " without members")."]
        }
        return table("Result", memberRows(record, &shown))
    }

    private func memberRows(_ record: JSONObject, _ shown: inout [String]) -> [[String]] {
        let required = Set((record["required"]?.array ?? []).compactMap(\.string))
        return (record["properties"]?.object?.members ?? []).map { member in
            let schema = member.value.object ?? [:]
            let text = cell(schema["description"])
            return [
                "`\(member.name)`\(required.contains(member.name) ? "" : "?")", type(of: schema, &shown),
                unit(schema) + text,
            ]
        }
    }

    private func row(_ param: JSONObject, _ shown: inout [String]) -> [String] {
        let schema = param["schema"]?.object ?? [:]
        let mark = param["required"] == true ? "" : "?"
        return [
            "`\(param["name"]?.string ?? "")`\(mark)", type(of: schema, &shown),
            unit(schema) + cell(param["description"]),
        ]
    }

    /// Each type that the page's methods use, once.
    private func types(_ first: [String]) -> [String] {
        var (lines, shown) = ([String](), first)
        var position = 0
        while position < shown.count {
            let name = shown[position]
            position += 1
            let record = schemas[name]?.object ?? [:]
            lines += ["", "### \(name)", ""]
            if let text = record["description"]?.string { lines += [text, ""] }
            lines += table("Member", memberRows(record, &shown))
        }
        return lines
    }

    private func example(_ example: JSONObject, of method: String) -> [String] {
        let params = (example["params"]?.array ?? []).compactMap(\.object).map {
            ($0["name"]?.string ?? "", $0["value"] ?? .null)
        }
        var request: JSONObject = ["jsonrpc": "2.0", "id": 1, "method": .string(method)]
        if !params.isEmpty { request["params"] = .object(JSONObject(params)) }
        let answer: JSONValue = ["jsonrpc": "2.0", "id": 1, "result": example["result"]?.object?["value"] ?? [:]]
        return ["", "\(example["name"]?.string ?? ""):", "", "```", JSONValue.object(request).text, answer.text, "```"]
    }

    // MARK: pieces

    private func resolved(_ schema: JSONObject) -> JSONObject {
        if let inner = schema["allOf"]?.array?.first?.object { return resolved(inner) }
        guard let name = reference(schema) else { return schema }
        return schemas[name]?.object ?? [:]
    }

    private func reference(_ schema: JSONObject) -> String? {
        schema["$ref"]?.string?.split(separator: "/").last.map(String.init)
    }

    private func type(of schema: JSONObject, _ shown: inout [String]) -> String {
        if let inner = schema["allOf"]?.array?.first?.object { return type(of: inner, &shown) }
        if let name = reference(schema) {
            if !shown.contains(name) { shown.append(name) }
            return "[\(name)](#\(name.lowercased().split(separator: ".").joined()))"
        }
        if let names = schema["enum"]?.array { return names.map { "`\($0.string ?? "")`" }.joined(separator: " or ") }
        if let items = schema["items"]?.object { return "[\(type(of: items, &shown))]" }
        if let values = schema["additionalProperties"]?.object { return "{name: \(type(of: values, &shown))}" }
        if schema["oneOf"] != nil { return "string or object" }
        return [schema["type"]?.string ?? "any", schema["format"]?.string, schema["contentEncoding"]?.string]
            .compactMap { $0 }.joined(separator: ", ")
    }

    private func unit(_ schema: JSONObject) -> String { schema["x-unit"]?.string.map { "In \($0). " } ?? "" }

    private func table(_ head: String, _ rows: [[String]]) -> [String] {
        ["| \(head) | Type | |", "|---|---|---|"] + rows.map { "| \($0.joined(separator: " | ")) |" }
    }

    private func cell(_ value: JSONValue?) -> String {
        let text = (value?.string ?? "").split(separator: "\n").joined(separator: " ")
        return text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}
