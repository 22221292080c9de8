import CLinux
import Glibc

/// From the words of the command line to the exit status.
enum Program {
    /// What may stand before a command.
    static let globalOptions: [ArgumentReader.Option] = {
        var reader = ArgumentReader()
        _ = reader.value("host", "H", "address", EngineOptions.help)
        _ = reader.flag("version", "v", "Print the version.")
        _ = reader.flag("help", "Print help, here or behind a command.")
        return reader.options
    }()

    static func run(_ words: [String]) async -> Int32 {
        // A reader of our output that goes away shows as an error where we write, with the terminal still ours to restore.
        signal(SIGPIPE, SIG_IGN)
        var helpCommand = ""
        var usageStatus: Int32 = 1
        do {
            let global = try ParsedWords(
                words, options: globalOptions, operands: ArgumentReader.Operands(endOptions: true))
            if global.switches.contains("version") { return show("kenter \(ClientVersion.text)\n") }
            let named = global.operands.first == "help" ? Array(global.operands.dropFirst()) : global.operands
            let isHelp = global.asksForHelp || named.count < global.operands.count
            let (path, entry, words) = CommandTree.find(ComposeWords.reordered(named))
            var rest = words
            if isHelp, case .command? = entry?.target { rest = ["--help"] }
            helpCommand = path.joined(separator: " ")
            guard let entry, case .command(let type) = entry.target else {
                return try group(path, entry, rest, global)
            }
            usageStatus = type.usageStatus
            let address = global.values["host"]?.last
            guard let command = try parse(type, path, Array(rest), address) else { return 0 }
            return await perform(command)
        } catch {
            return report(CommandFailure(error.message, status: usageStatus, helpCommand: helpCommand))
        }
    }

    /// The words of one command, read as it declares them; `nil` when help was asked for, and shown.
    static func parse(
        _ type: any Command.Type, _ path: [String], _ words: [String], _ address: String?
    ) throws(CommandFailure) -> (any Command)? {
        var syntax = ArgumentReader()
        _ = try type.init(&syntax)
        let operands = syntax.operandSyntax
        let parsed = try ParsedWords(
            words, options: syntax.options, operands: operands, engineAddress: address,
            refusals: DockerOnly.options(of: path, syntax.options))
        if parsed.asksForHelp {
            Output.write(Help.command(path, type, syntax))
            return nil
        }
        try check(parsed.operands.count, operands, path)
        var reader = ArgumentReader(parsed)
        return try type.init(&reader)
    }

    private static func check(
        _ count: Int, _ operands: ArgumentReader.Operands, _ path: [String]
    ) throws(CommandFailure) {
        let command = "kenter \(path.joined(separator: " "))"
        func failure(_ bound: String, _ number: Int) -> CommandFailure {
            let noun = number == 1 ? "argument" : "arguments"
            return CommandFailure("\"\(command)\" requires \(bound) \(number) \(noun): \(command)\(operands.usage)")
        }
        if let maximum = operands.maximum, maximum == operands.minimum, count != maximum {
            throw failure("exactly", maximum)
        }
        if count < operands.minimum { throw failure("at least", operands.minimum) }
        if let maximum = operands.maximum, count > maximum { throw failure("at most", maximum) }
    }

    /// No command, or one that only begins others.
    private static func group(
        _ path: [String], _ entry: CommandEntry?, _ rest: ArraySlice<String>, _ global: ParsedWords
    ) throws(CommandFailure) -> Int32 {
        if let word = rest.first, !word.hasPrefix("-") {
            if let text = DockerOnly.command(path + [word]) { throw CommandFailure(text) }
            throw CommandFailure("'\((path + [word]).joined(separator: " "))' is not a kenter command.")
        }
        if let word = rest.first, word != "--help", word != "-h" { throw CommandFailure("unknown flag: \(word)") }
        guard let entry, case .group(let entries) = entry.target else { return show(Help.root) }
        return show(Help.group(path, entry.abstract, entries))
    }

    private static func perform(_ command: any Command) async -> Int32 {
        do {
            try await command.run()
            return 0
        } catch {
            return report(CommandFailure(error))
        }
    }

    private static func show(_ text: String) -> Int32 {
        Output.write(text)
        return 0
    }

    private static func report(_ failure: CommandFailure) -> Int32 {
        if let message = failure.message { Output.errorLine("kenter: \(TerminalText.escaped(message))") }
        if let command = failure.helpCommand {
            Output.errorLine("See 'kenter \(command)\(command.isEmpty ? "" : " ")--help'.")
        }
        return failure.status
    }
}
