import JSONRPC
import KenterClient
import KenterProtocol

/// How a listing is shown.
struct ListingOptions {
    let json: Bool
    let noTrunc: Bool
    let quiet: Bool

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        json = arguments.flag("json", "Print one JSON array instead of a table.")
        noTrunc = arguments.flag("no-trunc", "Do not cut ids and commands.")
        quiet = arguments.flag("quiet", "q", "Print ids or names only.")
    }

    func id(_ id: String) -> String { noTrunc ? id : HumanText.shortID(id) }
}

/// Lists of the engine, page by page, as they came.
enum Listing {
    /// All objects of a list method; `member` is where its result has them.
    static func all(
        _ client: EngineClient, _ method: String, _ member: String, _ params: JSONObject = JSONObject()
    ) async throws -> [JSONValue] {
        var params = params
        var items: [JSONValue] = []
        repeat {
            let page = try await client.call(method, params)
            items += page[member]?.array ?? []
            params["cursor"] = page["next"]
        } while params["cursor"]?.string != nil
        return items
    }

    static func decode<T: Decodable>(_ items: [JSONValue]) throws -> [T] {
        do {
            return try items.map { try JSONValueDecoder().decode(T.self, from: $0) }
        } catch {
            throw CommandFailure("the engine's list has an unexpected shape: \(error)")
        }
    }

    /// Shows objects as a table, as names alone or as JSON, whichever the options say.
    static func show<T: Decodable>(
        _ items: [JSONValue], _ options: ListingOptions, headings: [String], name: (T) -> String,
        row: (T) -> [[String]]
    ) throws {
        if options.json { return Output.line(PrettyJSON.text(.array(items))) }
        let objects: [T] = try decode(items)
        if options.quiet {
            for object in objects { Output.line(TerminalText.escaped(name(object))) }
            return
        }
        var table = Table(headings)
        for object in objects { for row in row(object) { table.add(row) } }
        Output.write(table.text)
    }
}
