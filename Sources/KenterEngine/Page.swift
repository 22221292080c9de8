import JSONRPC

/// A part of a list.
enum Page {
    /// Items from `cursor` on, at most `limit`; `next` stands for the first one left out.
    ///
    /// A cursor is the item's place and key, `20/web`: where its item has been removed meanwhile, the page begins with
    /// what is at its place now.
    static func of<T>(
        _ items: [T], _ limit: Int?, _ cursor: String?, _ key: (T) -> String
    ) throws -> (items: [T], next: String?) {
        let start = try cursor.map { try place(of: $0, items, key) } ?? 0
        let rest = items[start...]
        guard let limit, limit > 0, rest.count > limit else { return (Array(rest), nil) }
        let next = start + limit
        return (Array(rest.prefix(limit)), "\(next)/\(key(items[next]))")
    }

    private static func place<T>(
        of cursor: String, _ items: [T], _ key: (T) -> String
    ) throws(RPCError) -> Int {
        let words = cursor.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard words.count == 2, let place = Int(words[0]), place >= 0 else {
            throw RPCError(
                .invalidParams,
                "'\(LogText.escape(cursor, limit: 64))' is no cursor: use the 'next' of the page before")
        }
        if let found = items.firstIndex(where: { key($0) == words[1] }) { return found }
        return min(place, items.count)
    }
}
