import Testing

@testable import KenterCompose

@Suite struct InterpolationTests {
    private static let values = ["A": "1", "EMPTY": "", "B": "two"]

    @Test(arguments: [
        ("plain", "plain"), ("$A", "1"), ("${A}b", "1b"), ("$A$B", "1two"), ("$$A", "$A"), ("a$$", "a$"),
        ("${NO:-d}", "d"), ("${NO-d}", "d"), ("${EMPTY:-d}", "d"), ("${EMPTY-d}", ""), ("${A:-d}", "1"),
        ("${A:+x}", "x"), ("${NO:+x}", ""), ("${EMPTY:+x}", ""), ("${EMPTY+x}", "x"), ("${A:?no}", "1"),
        ("${NO:-${B}}", "two"), ("${NO:-a ${NO:-$A} c}", "a 1 c"), ("${NO:-}", ""), ("[$NO]", "[]"),
        ("${NO:-http://x:80/}", "http://x:80/"),
    ])
    func `variables are put in`(_ text: String, _ expected: String) throws {
        let interpolation = Interpolation { Self.values[$0] }
        #expect(try interpolation.text(text, path: "p") == expected)
    }

    @Test(arguments: [
        ("$", "write $$"), ("a $ b", "write $$"), ("${A", "} is missing"), ("${}", "a name is missing"),
        ("${NO:?it is the key}", "the variable NO is required: it is the key"), ("${NO?}", "NO is required"),
        ("${A:}", "invalid interpolation of A"), ("${A!}", "invalid interpolation of A"), ("$1", "write $$"),
    ])
    func `what is no interpolation is refused`(_ text: String, _ message: String) {
        let error = #expect(throws: ComposeError.self) {
            try Interpolation { Self.values[$0] }.text(text, path: "services.web.image")
        }
        #expect(error?.path == "services.web.image")
        #expect(error?.text.contains(message) == true, "\(String(describing: error))")
    }

    @Test func `variables without value are told`() throws {
        var missing: [String] = []
        let interpolation = Interpolation({ Self.values[$0] }, missing: { missing.append($0) })
        #expect(try interpolation.text("$A ${X} ${Y:-} $Z", path: "") == "1   ")
        #expect(missing == ["X", "Z"])
    }

    @Test func `files of variables are read`() throws {
        let text = """
            # comment
            A=1
              export B = two words   # comment
            C="a\\nb \\"q\\" ${A} $$"
            D='$A # no comment'
            E=
            F=x#y
            G=${NO:-$B}
            OWN
            UNKNOWN
            """
        let environment = ComposeEnvironment { $0 == "OWN" ? "mine" : nil }
        let found = try DotEnvironment.parse(text, path: ".env", environment).map { "\($0.name)=\($0.value)" }
        #expect(
            found == [
                "A=1", "B=two words", "C=a\nb \"q\" 1 $", "D=$A # no comment", "E=", "F=x#y", "G=two words", "OWN=mine",
            ])
        for (text, message) in [
            ("a b=1", "expected NAME=value"), ("\nA='x", "the quote ' is not closed"), ("=1", "NAME"),
        ] {
            let error = #expect(throws: ComposeError.self) {
                try DotEnvironment.parse(text, path: ".env", environment)
            }
            #expect(error?.text.contains(message) == true)
        }
    }

    @Test func `the caller's variables win over those of the file`() throws {
        var environment = ComposeEnvironment { $0 == "A" ? "own" : nil }
        try environment.addFile("A=file\nB=file", path: ".env")
        #expect(environment.value("A") == "own" && environment.value("B") == "file")
    }

    @Test(arguments: [
        ("a b  c", ["a", "b", "c"]), ("sh -c 'a b'", ["sh", "-c", "a b"]), (#""a \" b" c\ d"#, [#"a " b"#, "c d"]),
        ("''", [""]), ("", []), (#"a"b"'c'"#, ["abc"]),
    ])
    func `commands are split as a shell does`(_ text: String, _ words: [String]) {
        #expect(ShellWords.split(text) == words)
        #expect(ShellWords.split("a 'b") == nil)
    }

    @Test func `small texts that ask for large values are refused`() throws {
        let long = String(repeating: "x", count: 60_000)
        #expect(throws: ComposeError.self) { try Interpolation { _ in long }.text("$A$A$A", path: "a") }
        let nested = String(repeating: "${A:-", count: 5000) + String(repeating: "}", count: 5000)
        #expect(throws: ComposeError.self) { try Interpolation { _ in nil }.text(nested, path: "a") }
        let doubling = "A=\(String(repeating: "x", count: 500))\n" + String(repeating: "A=$A$A\n", count: 40)
        #expect(throws: ComposeError.self) {
            try DotEnvironment.parse(doubling, path: ".env", ComposeEnvironment { _ in nil })
        }
    }
}
