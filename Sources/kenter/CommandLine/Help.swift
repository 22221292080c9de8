import Glibc

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
        text += "\n\(wrapped(command.abstract, to: columnCount).joined(separator: "\n"))\n"
        if !command.discussion.isEmpty {
            let lines = command.discussion.split(separator: "\n", omittingEmptySubsequences: false)
            text += "\n" + lines.flatMap { wrapped(String($0), to: columnCount) }.joined(separator: "\n") + "\n"
        }
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
        return rows.map { name, text in
            let indentation = String(repeating: " ", count: width + 4)
            let lines = wrapped(text, to: columnCount - width - 4)
            return "  \(name)\(String(repeating: " ", count: width + 2 - name.count))"
                + lines.joined(separator: "\n\(indentation)") + "\n"
        }.joined()
    }

    /// That of the terminal that is written to, else 80.
    private static var columnCount: Int {
        isatty(STDOUT_FILENO) == 1 ? StandardStreams.size?.columns ?? 80 : 80
    }

    /// Lines of at most so many characters, where words allow it; never narrower than a third of 80 columns.
    static func wrapped(_ text: String, to width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if let last = lines.last, last.count + 1 + word.count <= max(width, 27) {
                lines[lines.count - 1] += " \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
