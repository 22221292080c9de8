import JSONRPC
import Testing

/// Strings as they are read and written, whichever loops do it.
@Suite struct JSONStringTests {
    @Test(arguments: [
        "", "plain", "quote \" backslash \\ slash /", "\n\r\t\u{8}\u{c}", "\u{1}\u{1f}\u{7f}", "äöü 字 🧷",
        "\u{2028}\u{202e}",
        String(repeating: "long ", count: 10_000), String(repeating: "\"", count: 1_000),
    ])
    func `what is written is read again`(_ text: String) throws {
        let line = JSONValue.string(text).bytes
        #expect(try JSONScanner.scan(line) == .string(text))
        #expect(!line.contains { $0 < 0x20 || $0 == 0x7f })
    }

    @Test(arguments: [
        (#""\u00e4\ud83e\uddf7\/\b\f""#, "ä🧷/\u{8}\u{c}"), (#""a\nb\\c\"d""#, "a\nb\\c\"d"), ("\"\u{7f}\"", "\u{7f}"),
    ])
    func `escapes are understood`(_ json: String, _ text: String) throws {
        #expect(try JSONScanner.scan(Array(json.utf8)) == .string(text))
    }

    @Test(arguments: [
        "\"", "\"a", "\"a\\", "\"a\\\"", "\"a\nb\"", "\"\u{1}\"", #""\x""#, #""\ud800""#, #""\udc00""#, #""\u12""#,
        #""\u0000""#,
    ])
    func `what is no string is refused`(_ json: String) {
        let error = #expect(throws: JSONScanError.self) { try JSONScanner.scan(Array(json.utf8)) }
        #expect(error?.reason == .malformed)
    }

    @Test func `bytes that are no UTF-8 are refused`() {
        #expect(throws: JSONScanError.self) { try JSONScanner.scan([0x22, 0xff, 0x22]) }
        #expect(throws: JSONScanError.self) { try JSONScanner.scan([0x22, 0x5c, 0x6e, 0xc3, 0x22]) }
    }

    @Test(arguments: ["", "\\n"])
    func `a string may be as long as the limit and no longer`(_ escape: String) throws {
        let limits = JSONLimits(stringBytes: 16)
        let fits = "\"\(escape)\(String(repeating: "x", count: 16 - escape.count))\""
        #expect(throws: Never.self) { try JSONScanner.scan(Array(fits.utf8), limits: limits) }
        let over = "\"\(escape)\(String(repeating: "x", count: 17 - escape.count))\""
        let error = #expect(throws: JSONScanError.self) { try JSONScanner.scan(Array(over.utf8), limits: limits) }
        #expect(error?.reason == .overLimit)
    }
}
