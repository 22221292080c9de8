import Testing

@testable import kenter

@Suite struct ComposeWordsTests {
    @Test(arguments: [
        (["compose", "-f", "x", "up", "-d"], ["compose", "up", "--file", "x", "-d"]),
        (
            ["compose", "-p=a", "--file=y", "logs", "-f"],
            ["compose", "logs", "--project-name", "a", "--file", "y", "-f"]
        ),
        (["compose", "up"], ["compose", "up"]), (["compose"], ["compose"]),
        (["compose", "--help"], ["compose", "--help"]),
        (["compose", "-f"], ["compose", "-f"]), (["run", "-f", "x"], ["run", "-f", "x"]),
    ])
    func `options of a project may stand before the verb`(_ words: [String], _ expected: [String]) {
        #expect(ComposeWords.reordered(words) == expected)
    }

    @Test(arguments: [
        (["compose"], true), (["compose", "-f", "x"], true), (["compose", "-f"], false), (["compose", "up"], false),
        (["run"], false),
    ])
    func `behind the options of a project its verb is completed`(_ words: [String], _ expected: Bool) async {
        #expect(ComposeWords.lackVerb(words) == expected)
        #expect(await Completion(words).candidates().contains("restart") == expected)
    }

    @Test func `every line of a log gets its container's name, whatever the pieces it comes in`() {
        var lines = PrefixedLines(prefix: "web | ")
        var output = lines.take(Array("one\ntw".utf8))
        output += lines.take(Array("o\n\nlast".utf8))
        output += lines.end() + lines.end()
        #expect(String(decoding: output, as: UTF8.self) == "web | one\nweb | two\nweb | \nweb | last\n")
    }
}
