import ArgumentParser
import Glibc

/// From the words of the command line to the exit status.
enum Program {
    static func run(_ words: [String]) async -> Int32 {
        // A reader of our output that goes away shows as an error where we write, with the terminal still ours to restore.
        signal(SIGPIPE, SIG_IGN)
        let verb = OptionSyntax.find(for: words)?.0
        do {
            var command = try Kenter.parseAsRoot(try normalized(words))
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch let failure as CommandFailure {
            return report(failure)
        } catch {
            guard CommandFailure.isForeign(error) else { return report(CommandFailure(error)) }
            if Kenter.exitCode(for: error) == .success {
                Output.line(Kenter.fullMessage(for: error))
                return 0
            }
            return report(usageFailure(error, verb))
        }
    }

    private static func normalized(_ words: [String]) throws -> [String] {
        guard let (syntax, start) = OptionSyntax.find(for: words) else { return words }
        return words[..<start] + (try syntax.normalized(words[start...]))
    }

    private static func usageFailure(_ error: any Error, _ verb: OptionSyntax?) -> CommandFailure {
        let message = Kenter.message(for: error)
        let text = message.hasPrefix("Error: ") ? String(message.dropFirst(7)) : message
        return CommandFailure(text, status: verb?.usageStatus ?? 1, helpCommand: verb?.command ?? "")
    }

    private static func report(_ failure: CommandFailure) -> Int32 {
        if let message = failure.message { Output.errorLine("kenter: \(TerminalText.escaped(message))") }
        if let command = failure.helpCommand {
            Output.errorLine("See 'kenter \(command)\(command.isEmpty ? "" : " ")--help'.")
        }
        return failure.status
    }
}
