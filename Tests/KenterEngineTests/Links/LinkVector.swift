import JSONRPC
import TestSupport
import Testing

/// One case of Tests/Fixtures/links/vectors.jsonl.
struct LinkVector: Sendable, CustomTestStringConvertible {
    var json: JSONValue

    var testDescription: String { json["id"].string ?? "?" }

    static func all(of kind: String) -> [LinkVector] {
        TextFile.read(BuildProducts.fixture("links/vectors.jsonl")).split(separator: "\n")
            .compactMap { try? LinkVector(json: JSONValue(text: String($0))) }  // Counted: none is lost.
            .filter { $0.json["kind"].string == kind }
    }
}
