import Testing

@testable import kenter_copy

@Suite struct PlacementTests {
    private static func names(_ text: String) throws -> [[UInt8]] { try PathNames.components(Array(text.utf8)) }

    /// Where `dir/x` (or `file`) of the archive ends up, seen from the directory it is made in.
    private static func outcome(
        _ first: String, isDirectory: Bool, _ destination: String, _ found: Placement.Found
    ) throws(CopyRefusal) -> String {
        let first = try PathNames.components(Array(first.utf8))
        let placement = try Placement.one(first, isDirectory: isDirectory, NamedPath(destination), found)
        let path = try placement.path(first + (isDirectory ? [Array("x".utf8)] : []))
        return (placement.isInParent ? "parent: " : "") + String(decoding: PathNames.joined(path), as: UTF8.self)
    }

    @Test(
        "one thing goes where docker cp puts it",
        arguments: [
            ("dir", true, "/to", .directory, "dir/x"), ("dir", true, "/to", .missing, "parent: to/x"),
            ("dir", true, "/to/", .missing, "parent: to/x"), (".", true, "/to", .directory, "x"),
            (".", true, "/to", .missing, "parent: to/x"), ("file", false, "/to", .directory, "file"),
            ("file", false, "/to", .missing, "parent: to"), ("file", false, "/to", .other, "parent: to"),
            ("file", false, "/to/", .directory, "file"),
        ] as [(String, Bool, String, Placement.Found, String)])
    func one(first: String, isDirectory: Bool, destination: String, found: Placement.Found, expected: String) throws {
        #expect(try Self.outcome(first, isDirectory: isDirectory, destination, found) == expected)
    }

    @Test(
        "what docker cp refuses is refused",
        arguments: [
            ("dir", true, "/to", .other, "cannot copy directory"), (".", true, "/to", .other, "cannot copy directory"),
            ("file", false, "/to/", .missing, "no such directory"), ("file", false, "/to/", .other, "/to"),
        ] as [(String, Bool, String, Placement.Found, String)])
    func refused(first: String, isDirectory: Bool, destination: String, found: Placement.Found, text: String) {
        let refusal = #expect(throws: CopyRefusal.self) {
            try Self.outcome(first, isDirectory: isDirectory, destination, found)
        }
        #expect(refusal?.text == text)
    }

    @Test func anArchiveOfOneThingHoldsNothingElse() throws {
        let placement = try Placement.one(
            try Self.names("dir"), isDirectory: true, NamedPath("/to"), .missing)
        #expect(throws: CopyRefusal.self) { try placement.path(try Self.names("other/x")) }
        #expect(throws: CopyRefusal.self) {
            try Placement.one(try Self.names("a/b"), isDirectory: false, NamedPath("/to"), .missing)
        }
    }

    @Test(
        "names that climb, are empty or endless are refused",
        arguments: [
            "..", "a/../b", "../../etc/passwd", "/..", "", String(repeating: "a/", count: 257),
            String(repeating: "a", count: 4096),
        ])
    func badNames(name: String) {
        #expect(throws: CopyRefusal.self) { try Self.names(name) }
    }

    @Test func anAbsoluteNameIsOneInsideTheArchive() throws {
        #expect(try Self.names("/etc//./passwd") == [Array("etc".utf8), Array("passwd".utf8)])
    }

    @Test(
        "what a path ends with is taken apart",
        arguments: [
            ("/a/b", "/a/b", false, false), ("/a/b/", "/a/b", true, false), ("/a/b/.", "/a/b", true, true),
            ("/a/b/./", "/a/b", true, true), ("/", "/", true, true), (".", ".", true, true),
            ("a/..", "a/..", true, true),
            ("file.", "file.", false, false), ("", "/", true, true),
        ] as [(String, String, Bool, Bool)])
    func named(text: String, path: String, isDirectory: Bool, isContents: Bool) {
        let named = NamedPath(text)
        #expect(String(decoding: named.path, as: UTF8.self) == path)
        #expect(named.isDirectory == isDirectory && named.isContents == isContents)
    }
}
