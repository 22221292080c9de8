import JSONRPC
import TestSupport
import Testing

/// What `kenter-yaml` makes of YAML.
@Suite struct YAMLTests {
    private func parse(_ text: [UInt8]) async throws -> CommandResult {
        try await Command.run([BuildProducts.executable("kenter-yaml")], input: text)
    }

    @Test(arguments: [
        ("", "null"), ("a: 1.10\nb: yes\nc: 2020-01-01", #"{"a":"1.10","b":"yes","c":"2020-01-01"}"#),
        ("[x, ~, null, 'null', '']", #"["x",null,null,"null",""]"#),
        ("a:\nb: |\n  1\n  2\n", #"{"a":null,"b":"1\n2\n"}"#),
        ("a: !reset\nb: !override [x]", #"{"a":{"!reset":null},"b":{"!override":["x"]}}"#),
        ("a: !other x", #"{"a":"x"}"#),
        ("x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}", #"{"x":{"a":"1","b":"2"},"y":{"b":"3","a":"1"}}"#),
        (
            "a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b]}",
            #"{"a":{"x":"1"},"b":{"x":"2","y":"2"},"c":{"x":"1","y":"2"}}"#
        ),
    ])
    func `scalars are texts as written`(_ text: String, _ json: String) async throws {
        let result = try await parse(Array(text.utf8))
        #expect(result.exit == 0 && result.output == json + "\n", "\(result)")
    }

    @Test(arguments: [
        ("a: b: c", "mapping values are not allowed in this context (line 1, column 5)"),
        ("a: 1\na: 2", "'a' is there twice (line 2)"), ("a\n---\nb", "there is more than one document in it"),
        ("a: *none", "the alias *none refers to nothing that ends before it (line 1)"),
        ("a: &x [*x]", "the alias *x refers to nothing that ends before it (line 1)"),
        ("[1]: 2", "a name must be a text, and no tag (line 1)"), ("!reset a: 2\n'!reset': 2", "and no tag (line 2)"),
        ("a: {<<: x}", "<< needs a mapping (line 1)"), ("a:\n\tb: 1", "(line 2, column 1)"),
    ])
    func `what is no such file is refused by its place`(_ text: String, _ message: String) async throws {
        let result = try await parse(Array(text.utf8))
        #expect(result.exit == 1 && result.output.isEmpty && result.errors.contains(message), "\(result)")
    }

    @Test func `small files that mean large ones are refused`() async throws {
        let first = "a0: &a0 [\(Array(repeating: "x", count: 9).joined(separator: ","))]\n"
        let aliases = (1...9).map { number in
            "a\(number): &a\(number) [\(Array(repeating: "*a\(number - 1)", count: 9).joined(separator: ","))]\n"
        }
        let deep = "a: &a \(String(repeating: "[", count: 40))\(String(repeating: "]", count: 40))\n"
        let deeper = "b: \(String(repeating: "[", count: 40))*a\(String(repeating: "]", count: 40))\n"
        for text in [first + aliases.joined(), String(repeating: "[", count: 1_000_000), deep + deeper] {
            let result = try await parse(Array(text.utf8))
            #expect(result.exit == 1 && result.errors == "the file is too large or too deep\n", "\(result.errors)")
        }
        let large = try await parse([UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20 + 1))
        #expect(large.exit == 1 && large.errors == "the file is larger than 1 MiB\n", "\(large.errors)")
    }

    @Test func `bytes that are no UTF-8 are refused`() async throws {
        let result = try await parse([0x61, 0x3a, 0x20, 0xc3, 0x28])
        #expect(result.exit == 1 && result.errors == "invalid trailing UTF-8 octet (byte 5)\n", "\(result)")
    }
}
