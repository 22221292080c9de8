import KenterProtocol

/// A link in full, for people.
///
/// Everything that comes from others is escaped; columns are as wide as they need to be, up to a bound.
struct LinkReport {
    private let link: Link

    init(_ link: Link) {
        self.link = link
    }

    var text: String {
        var text = "\(TerminalText.escaped(link.consumer))/\(TerminalText.escaped(link.alias)) → "
        text += "\(TerminalText.escaped(link.source))   \(state)\n"
        let options = link.options.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        text += "by \(TerminalText.escaped(([link.provider] + options).joined(separator: ", ")))\n"
        text += section(
            link.state == .planned ? "Variables at its start" : "Variables",
            link.env.map { [$0.name, $0.value, reason(of: $0)] })
        text += section(
            "Lines of /etc/hosts", link.hosts.map { [$0.address, $0.names.joined(separator: " "), $0.from ?? ""] })
        text += section(
            "Files in /run/kenter/links/\(link.alias)", link.files.map { [$0.path, $0.content, $0.from ?? ""] })
        text += section(
            "Private path, from consumer to source",
            link.firewall.map { [$0.protocol.rawValue, $0.ports.joined(separator: ", "), $0.from ?? ""] })
        text += section("Withheld by its options", link.withheld.map { [$0] })
        text += section("Variables that change with the next start", link.pending.map { [$0] })
        for warning in link.warnings { text += "\nWARNING: \(TerminalText.escaped(warning))\n" }
        return text
    }

    private var state: String {
        switch link.state {
        case .active: "active"
        case .inactive: "inactive: its consumer does not run"
        case .sourceDown: "the source does not run: names and addresses are its last ones, the path is closed"
        case .sourceGone: "the source does not exist"
        case .planned: "a plan: nothing has been made"
        }
    }

    private func reason(of variable: LinkVariable) -> String {
        let origin = variable.from ?? ""
        guard variable.overridden == true else { return origin }
        return origin + (origin.isEmpty ? "" : "; ") + "overridden by \(link.consumer)'s own configuration"
    }

    /// Rows below a title; nothing where there are none.
    private func section(_ title: String, _ rows: [[String]]) -> String {
        guard !rows.isEmpty else { return "" }
        let rows = rows.map { $0.map(TerminalText.escaped) }
        let columns = rows[0].count
        let widths = (0..<columns).map { column in min(48, rows.map { $0[column].count }.max() ?? 0) }
        var text = "\n\(TerminalText.escaped(title))\n"
        for row in rows {
            var line = " "
            for (column, cell) in row.enumerated() where !(cell.isEmpty && column == columns - 1) {
                line += " " + cell
                if column < columns - 1 {
                    line += String(repeating: " ", count: max(1, widths[column] + 1 - cell.count))
                }
            }
            while line.last == " " { line.removeLast() }
            text += line + "\n"
        }
        return text
    }
}
