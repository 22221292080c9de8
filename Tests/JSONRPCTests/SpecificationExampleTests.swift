import JSONRPC
import TestSupport
import Testing

/// The examples of section 7 of the JSON-RPC 2.0 specification, with what this protocol answers: parameters have names,
/// so those by position are refused, and a result is an object.
@Suite struct SpecificationExampleTests {
    /// What is sent, and what comes back: `id` and the code, `nil` for a result.
    struct Example: Sendable, CustomTestStringConvertible {
        var title: String
        var line: String
        var answers: [(id: JSONValue, code: Int64?)]
        var isBatch = false
        var testDescription: String { title }
    }

    static let examples: [Example] = [
        Example(
            title: "positional parameters",
            line: #"{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}"#,
            answers: [(1, -32602)]),
        Example(
            title: "named parameters",
            line: #"{"jsonrpc": "2.0", "method": "sum", "params": {"terms": [42, -23]}, "id": 3}"#, answers: [(3, nil)]),
        Example(
            title: "named parameters in another order of members",
            line: #"{"id": 4, "params": {"terms": [-23, 42]}, "method": "sum", "jsonrpc": "2.0"}"#, answers: [(4, nil)]),
        Example(
            title: "a notification with positional parameters",
            line: #"{"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}"#, answers: []),
        Example(title: "a notification", line: #"{"jsonrpc": "2.0", "method": "foobar"}"#, answers: []),
        Example(
            title: "a method that does not exist", line: #"{"jsonrpc": "2.0", "method": "foobar", "id": "1"}"#,
            answers: [("1", -32601)]),
        Example(
            title: "invalid JSON", line: #"{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]"#,
            answers: [(.null, -32700)]),
        Example(
            title: "an invalid request object", line: #"{"jsonrpc": "2.0", "method": 1, "params": "bar"}"#,
            answers: [(.null, -32600)]),
        Example(
            title: "a batch of invalid JSON",
            line: #"[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},{"jsonrpc": "2.0", "method"]"#,
            answers: [(.null, -32700)]),
        Example(title: "an empty array", line: "[]", answers: [(.null, -32600)]),
        Example(title: "an invalid batch, but not empty", line: "[1]", answers: [(.null, -32600)], isBatch: true),
        Example(
            title: "an invalid batch", line: "[1,2,3]", answers: [(.null, -32600), (.null, -32600), (.null, -32600)],
            isBatch: true),
        Example(
            title: "a batch",
            line: #"[{"jsonrpc": "2.0", "method": "sum", "params": {"terms": [1,2,4]}, "id": "1"},"#
                + #"{"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},"#
                + #"{"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},{"foo": "boo"},"#
                + #"{"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},"#
                + #"{"jsonrpc": "2.0", "method": "echo", "id": "9"}]"#,
            answers: [("1", nil), ("2", -32602), (.null, -32600), ("5", -32601), ("9", nil)], isBatch: true),
        Example(
            title: "a batch of notifications",
            line: #"[{"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]},"#
                + #"{"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}]"#, answers: []),
    ]

    @Test(arguments: examples)
    func `every example of the specification has its answer`(_ example: Example) async throws {
        let pair = try ConnectionPair(handler: TestHandler())
        await pair.send(example.line, #"{"jsonrpc":"2.0","id":"last","method":"echo"}"#)
        pair.finish()
        var lines = try await pair.receiveAll()
        #expect(lines.popLast()?["id"] == "last", "the connection goes on")
        guard !example.answers.isEmpty else { return #expect(lines.isEmpty, "\(lines)") }
        try #require(lines.count == 1, "\(lines)")
        let answers = example.isBatch ? lines[0].array ?? [] : [lines[0]]
        #expect(answers.count == example.answers.count, "\(lines)")
        for expected in example.answers {
            let found = answers.filter { $0["id"] == expected.id && $0["error"]["code"].integer == expected.code }
            #expect(!found.isEmpty, "\(expected) in \(lines[0].text)")
            #expect(
                found.allSatisfy { $0["jsonrpc"] == "2.0" && ($0["result"].object != nil) == (expected.code == nil) })
        }
    }
}
