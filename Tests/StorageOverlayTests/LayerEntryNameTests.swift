import Testing

@testable import storage_overlay

@Suite struct LayerEntryNameTests {
    @Test(arguments: [
        ("./", LayerEntryName.root), ("/", .root), (".", .root), ("a", .entry(Array("a".utf8))),
        ("./a//b/./c/", .entry(Array("a/b/c".utf8))), ("/etc/passwd", .entry(Array("etc/passwd".utf8))),
        ("a/.wh.b", .whiteout(Array("a/b".utf8))), (".wh..b", .whiteout(Array(".b".utf8))),
        ("a/.wh..wh..opq", .opaque(Array("a".utf8))), (".wh..wh..opq", .opaque([])),
        (".wh..wh.plnk/1.2", .metadata), ("a/.wh..wh.aufs", .metadata), ("...", .entry(Array("...".utf8))),
        ("a..b/..c", .entry(Array("a..b/..c".utf8))),
    ])
    func `a name says what to do`(_ name: String, _ expected: LayerEntryName) throws {
        #expect(try LayerEntryName(Array(name.utf8)) == expected)
    }

    @Test(arguments: [
        "", "..", "../a", "a/../b", "/..", "a/..", ".wh.", "a/.wh.", "a/.wh..", "a/.wh...", ".wh.a/b",
        ".wh.a/.wh..wh..opq", String(repeating: "a/", count: 2048),
    ])
    func `a hostile name is refused`(_ name: String) {
        #expect(throws: LayerRefusal.self) { try LayerEntryName(Array(name.utf8)) }
    }

    @Test func `a path may have 256 components and not more`() throws {
        let deep = String(repeating: "a/", count: 255) + "a"
        #expect(try LayerEntryName(Array("\(deep)/".utf8)) == .entry(Array(deep.utf8)))
        #expect(throws: LayerRefusal.self) { try LayerEntryName(Array("\(deep)/a".utf8)) }
    }

    @Test func `bytes that are no UTF-8 stay as they are`() throws {
        #expect(try LayerEntryName([0x63, 0xe9]) == .entry([0x63, 0xe9]))
    }

    @Test(arguments: ["../a", "/", "a/.wh.b", ".wh..wh..opq"])
    func `a hard link leads to a file of its layer only`(_ target: String) {
        #expect(throws: LayerRefusal.self) { try LayerEntryName.linkTarget(Array(target.utf8), of: [0x61]) }
    }

    @Test func `a name in a message has no control characters`() {
        #expect(printable("a\nb\u{1b}[31m\u{202e}".utf8) == "a\\nb\\u{1B}[31m\\u{202E}")
    }

    @Test(arguments: ["security.selinux", "security.ima", "trusted.overlay.opaque", "user.overlay.redirect"])
    func `an attribute that would change the host's mind is dropped`(_ name: String) {
        #expect(!ExtendedAttributes.isHarmless(name))
    }

    @Test(arguments: ["security.capability", "user.note", "system.posix_acl_access"])
    func `an attribute of a file's own is kept`(_ name: String) {
        #expect(ExtendedAttributes.isHarmless(name))
    }
}
