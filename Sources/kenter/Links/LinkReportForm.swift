import JSONRPC
import KenterProtocol

/// How links are shown in full: as text for people, or as JSON.
struct LinkReportForm {
    static let flags = ["--json", "--show-secrets"]

    private var json: Bool
    private(set) var showsSecrets: Bool

    init(_ arguments: inout ArgumentReader) {
        json = arguments.flag("json", "Print one JSON array instead of text.")
        showsSecrets = arguments.flag("show-secrets", "Show values that look secret, too.")
    }

    /// The same with flags found elsewhere among words.
    func with(_ words: [String]) -> Self {
        var form = self
        if words.contains("--json") { form.json = true }
        if words.contains("--show-secrets") { form.showsSecrets = true }
        return form
    }

    func show(_ links: [JSONValue]) throws {
        if json { return Output.line(PrettyJSON.text(.array(links))) }
        let links: [Link] = try Listing.decode(links)
        Output.write(links.map { LinkReport($0).text }.joined(separator: "\n"))
    }
}
