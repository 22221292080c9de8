package import JSONRPC

/// A call that makes sense, with what came of it when it was last executed: shown in the reference, and executed by a
/// test, one after another, on an engine of its own.
package struct MethodExample: Sendable {
    package let title: String
    package let method: String
    package let params: JSONObject
    /// As recorded, with made-up ids and times; `nil` until it was executed for the first time.
    package let result: JSONObject?

    /// Typed, so that an example cannot ask for what does not exist. Fails where a value cannot be written as JSON.
    init<M: RPCMethod>(_ title: String, _ call: M) throws {
        self.title = title
        method = M.name
        params = try JSONValueEncoder().encodeObject(call)
        result = try Self.recorded[title].map { text in
            guard let object = try JSONScanner.scan(text.utf8).object else {
                throw ShapeError(description: "the recorded result of '\(title)' is no object")
            }
            return object
        }
    }

    /// Title → result, as they stand in ``ExampleResults``.
    private static let recorded: [String: Substring] = {
        let pairs = ExampleResults.text.split(separator: "\n").compactMap { line -> (String, Substring)? in
            guard let tab = line.firstIndex(of: "\t") else { return nil }
            return (String(line[..<tab]), line[line.index(after: tab)...])
        }
        return Dictionary(pairs) { first, _ in first }
    }()

    /// As OpenRPC has it; `nil` without a result.
    var json: JSONObject? {
        guard let result else { return nil }
        return [
            "name": .string(title),
            "params": .array(params.members.map { ["name": .string($0.name), "value": $0.value] }),
            "result": ["name": "result", "value": .object(result)],
        ]
    }
}
