import JSONRPC
import Testing

@testable import KenterEngine

@Suite struct PageTests {
    private static let items = ["a", "b", "c", "d", "e"]

    @Test func `pages follow each other to the end`() throws {
        var (told, cursor): ([[String]], String?) = ([], nil)
        repeat {
            let page = try Page.of(Self.items, 2, cursor, \.self)
            told.append(page.items)
            cursor = page.next
        } while cursor != nil
        #expect(told == [["a", "b"], ["c", "d"], ["e"]])
    }

    @Test func `what was removed between two pages ends neither`() throws {
        let next = try Page.of(Self.items, 2, nil, \.self).next
        #expect(try Page.of(["a", "b", "d", "e"], 2, next, \.self).items == ["d", "e"])
        #expect(try Page.of(["b", "c", "d", "e"], 2, next, \.self).items == ["c", "d"])
        #expect(try Page.of(["a"], 2, next, \.self) == ([], nil))
    }

    @Test(arguments: ["", "a", "-1/a", "x/a", "99999999999999999999/a", "\u{1b}[2J"])
    func `what is no cursor is refused`(_ cursor: String) {
        let error = #expect(throws: RPCError.self) { try Page.of(Self.items, 2, cursor, \.self) }
        #expect(error?.kind == .invalidParams && error?.message.contains("\u{1b}") == false)
    }
}
