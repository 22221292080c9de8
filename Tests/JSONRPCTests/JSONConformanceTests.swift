import JSONRPC
import TestSupport
import Testing

/// What is JSON (RFC 8259) and what is not: by a table, and by comparison with a parser that somebody else wrote.
@Suite struct JSONConformanceTests {
    static let accepted = [
        "null", "true", "false", "0", "-0", "-1", "1.5", "1e5", "1E+5", "1e-5", "-0.0",
        "123456789012345678901234567890",
        "\"\"", "[]", "{}", "[ ]", "{ }", " [1] ", "\t\r\n1\n", "[1,2]", "[[[[]]]]", #"{"a":1}"#, #"{"a":{"a":1}}"#,
        #"{"":0}"#, #"{"a":1,"A":2}"#, #""\"\\\/\b\f\n\r\t""#, #""\u0041\u00e9\ud83e\uddf7""#, "\"é字🧷\"", "\"\u{7f}\"",
        "\"\u{2028}\u{2029}\"", #"["a",null,true,1.0]"#, #"[0,-0,0.1,1e1]"#, #""\u0022""#, #"{"a":[],"b":{}}"#,
        "1.7976931348623157e308", "5e-324", "1e-400", #""\uFFFF""#, #""\uDBFF\uDFFF""#,
    ]

    static let refused = [
        "", " ", "nul", "nulll", "TRUE", "True", "NaN", "Infinity", "-Infinity", "-", "+1", "01", "-01", "1.", ".5",
        "1e", "1e+",
        "0x1", "1_000", "1 2", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1,,2]", "{", "}", "{]", "[}",
        #"{"a"}"#,
        #"{"a":}"#, #"{"a":1,}"#, #"{,"a":1}"#, #"{"a":1 "b":2}"#, #"{"a" 1}"#, "{a:1}", "{'a':1}", "{1:1}",
        #"{"a":1}}"#,
        "\"", "\"a", #""\"#, #""\x41""#, #""\'""#, #""\u12""#, #""\u12g4""#, #""\ud800""#, #""\udc00""#,
        #""\ud800\u0041""#,
        #""\ud800x""#, #""\uD800\uD800""#, "\"\n\"", "\"\t\"", "\"\u{0}\"", #""\u0000""#, "'a'", "`a`", "// c\n1",
        "/* c */1",
        "1 // c", "#1", "[1]x", "\u{feff}1", "1\u{feff}", "\u{a0}1", "[\u{2028}]", #"{"a":1,"a":2}"#,
        #"{"a":1,"\u0061":2}"#,
        #"[{"a":{"b":1,"b":1}}]"#, "1e400", "-1e400", "undefined", "[1;2]", "{\"a\":1;\"b\":2}", "\u{c}1", "1\u{0}",
        "--1", "1-",
        "١", "\"\\u00\u{ff11}1\"",
    ]

    private func isAccepted(_ bytes: [UInt8]) -> Bool {
        do {
            _ = try JSONScanner.scan(bytes, limits: JSONLimits(numberBytes: 1000))
            return true
        } catch {
            return false
        }
    }

    @Test(arguments: accepted) func `JSON is accepted`(_ text: String) { #expect(isAccepted(Array(text.utf8))) }

    @Test(arguments: refused) func `what is no JSON is refused`(_ text: String) {
        #expect(!isAccepted(Array(text.utf8)))
    }

    @Test(
        arguments: [
            [0xff], [0x22, 0x80, 0x22], [0x22, 0xc3, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22],
            [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22], [0x22, 0xf8, 0x88, 0x80, 0x80, 0x80, 0x22], [0x22, 0xe2, 0x82, 0x22],
            [0xef, 0xbb, 0xbf, 0x31], [0xfe, 0xff, 0x00, 0x31], [0x31, 0x00],
        ] as [[UInt8]])
    func `bytes that are no UTF-8 are refused`(_ bytes: [UInt8]) { #expect(!isAccepted(bytes)) }

    @Test func `numbers are what they say`() throws {
        #expect(try JSONScanner.scan("9007199254740993".utf8) == .integer(9_007_199_254_740_993))
        #expect(try JSONScanner.scan("-9223372036854775808".utf8) == .integer(.min))
        #expect(try JSONScanner.scan("9223372036854775808".utf8) == .double(9_223_372_036_854_775_808))
        #expect(try JSONScanner.scan("1.0".utf8) == .double(1))
        #expect(try JSONScanner.scan("-0".utf8).integer == nil)
        #expect(try JSONScanner.scan("0.1".utf8) == .double(0.1))
    }

    /// Python's parser, told to be as strict: no NaN, no infinite number, no name twice, no lone surrogate, no U+0000.
    private static let judge = """
        import base64, json, math, sys
        def number(text):
            value = float(text)
            if math.isinf(value): raise ValueError(text)
            return value
        def members(pairs):
            if len({name for name, _ in pairs}) != len(pairs): raise ValueError("twice")
            return dict(pairs)
        def constant(text): raise ValueError(text)
        def check(value):
            if isinstance(value, str):
                value.encode()
                if "\\0" in value: raise ValueError("NUL")
            elif isinstance(value, list):
                for item in value: check(item)
            elif isinstance(value, dict):
                for name, item in value.items(): check(name); check(item)
        for line in sys.stdin:
            try:
                text = base64.b64decode(line).decode()
                check(json.loads(text, parse_float=number, parse_constant=constant, object_pairs_hook=members))
                print(1)
            except (ValueError, RecursionError):
                print(0)
        """

    @Test func `an independent parser accepts and refuses the same`() async throws {
        var documents = (Self.accepted + Self.refused).map { Array($0.utf8) }
        var generator = Generator(state: 20_260_101)
        let seeds = documents
        for _ in 0..<4_000 { documents.append(mutated(seeds, &generator)) }
        let input = documents.map { encoded($0) + "\n" }.joined()
        let judged = try await Command.run(["python3", "-c", Self.judge], input: Array(input.utf8))
        try #require(judged.exit == 0 && judged.lines.count == documents.count, "\(judged.errors)")
        for (document, verdict) in zip(documents, judged.lines) {
            #expect(
                isAccepted(document) == (verdict == "1"), "\(String(decoding: document, as: UTF8.self)) \(document)")
        }
    }

    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }

    /// One or two documents, spliced, with some bytes changed, dropped or doubled.
    private func mutated(_ seeds: [[UInt8]], _ generator: inout Generator) -> [UInt8] {
        var bytes = seeds.randomElement(using: &generator) ?? []
        if Bool.random(using: &generator), let other = seeds.randomElement(using: &generator) {
            bytes = Array("[".utf8) + bytes + Array(",".utf8) + other + Array("]".utf8)
        }
        for _ in 0..<Int.random(in: 0...2, using: &generator) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            let interesting = Array("{}[]\",:\\0123456789.eE+-tfnu \n\u{1}".utf8) + [0x80, 0xc3, 0xff, 0xed]
            switch Int.random(in: 0...3, using: &generator) {
            case 0: bytes.remove(at: place)
            case 1: bytes.insert(bytes[place], at: place)
            case 2: bytes[place] = interesting.randomElement(using: &generator) ?? 0
            default: bytes.insert(interesting.randomElement(using: &generator) ?? 0, at: place)
            }
        }
        return bytes
    }

    private func encoded(_ bytes: [UInt8]) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var value = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            var quad: [UInt8] = []
            for _ in 0..<4 {
                quad.insert(letters[value & 63], at: 0)
                value >>= 6
            }
            for index in stride(from: group.count + 1, to: 4, by: 1) { quad[index] = UInt8(ascii: "=") }
            text += quad
        }
        return String(decoding: text, as: UTF8.self)
    }
}
