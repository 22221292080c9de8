/// What `--help` prints.
enum Help {
    static var root: String {
        var text = "Usage:  kenter [OPTIONS] COMMAND\n\nRun containers and link them.\n"
        for section in CommandTree.sections { text += "\n\(section.title):\n\(list(section.entries))" }
        text += "\nOptions:\n" + columns(Program.globalOptions.map(optionRow))
        return text + "\nRun 'kenter COMMAND --help' for more about a command.\n"
    }

    static func group(_ path: [String], _ abstract: String, _ entries: [CommandEntry]) -> String {
        "Usage:  kenter \(path.joined(separator: " ")) COMMAND\n\n\(abstract)\n\nCommands:\n\(list(entries))"
    }

    static func command(_ path: [String], _ command: any Command.Type, _ syntax: ArgumentReader) -> String {
        var text = "Usage:  kenter \(path.joined(separator: " ")) [OPTIONS]\(syntax.operandSyntax.usage)\n"
        text += "\n\(command.abstract)\n"
        if !command.discussion.isEmpty { text += "\n\(command.discussion)\n" }
        let shown = syntax.options.filter { !$0.help.isEmpty }.sorted { $0.long < $1.long }
        return text + "\nOptions:\n" + columns(shown.map(optionRow))
    }

    private static func list(_ entries: [CommandEntry]) -> String {
        columns(entries.map { ($0.names.joined(separator: ", "), $0.abstract) })
    }

    private static func optionRow(_ option: ArgumentReader.Option) -> (String, String) {
        let short = option.short.map { "-\($0), " } ?? "    "
        return (short + "--\(option.long)" + (option.valueName.map { " \($0)" } ?? ""), option.help)
    }

    private static func columns(_ rows: [(String, String)]) -> String {
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { "  \($0.0)\(String(repeating: " ", count: width + 2 - $0.0.count))\($0.1)\n" }.joined()
    }
}
