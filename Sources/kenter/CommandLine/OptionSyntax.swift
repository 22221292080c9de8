/// Docker's way of writing options, brought into the form that every command line parser agrees on.
///
/// Understood are `-it`, `-ite NAME=x`, `-p8000:80`, `--rm=false` and values that begin with a dash. Options end at the
/// first word that is none: what follows an image or a container is the command to run there, whatever it looks like.
struct OptionSyntax {
    /// Long name → short name, for options without a value.
    var switches: [String: Character?]
    /// The same for options that have one.
    var valued: [String: Character?]
    /// Other names of the long ones.
    var synonyms: [String: String] = [:]
    /// As in "See 'kenter run --help'."
    var command: String
    var usageStatus: Int32

    /// `--name=value` and `--name` words, then `--` and the words that are no options.
    func normalized(_ arguments: some Sequence<String>) throws(CommandFailure) -> [String] {
        var words = Array(arguments)[...]
        var options: [String] = []
        while let word = words.first, word.hasPrefix("-"), word != "-" {
            words.removeFirst()
            if word == "--" { break }
            if word.hasPrefix("--") {
                try takeLong(word, &words, &options)
            } else {
                try takeShort(word, &words, &options)
            }
        }
        return options + ["--"] + words
    }

    private func takeLong(
        _ word: String, _ words: inout ArraySlice<String>, _ options: inout [String]
    ) throws(CommandFailure) {
        let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let given = String(parts[0])
        let name = synonyms[given] ?? given
        let value = parts.count == 2 ? String(parts[1]) : nil
        if name == "help" {
            options.append("--help")
        } else if switches[name] != nil {
            try appendSwitch(name, value, "--\(given)", &options)
        } else if valued[name] != nil {
            guard let value = value ?? words.popFirst() else { throw usage("flag needs an argument: --\(given)") }
            options += Self.option(name, value)
        } else {
            throw usage("unknown flag: --\(given)")
        }
    }

    private func takeShort(
        _ word: String, _ words: inout ArraySlice<String>, _ options: inout [String]
    ) throws(CommandFailure) {
        var letters = word.dropFirst()
        while let letter = letters.popFirst() {
            if let name = switches.first(where: { $0.value == letter })?.key {
                let value = letters.first == "=" ? String(letters.dropFirst()) : nil
                if value != nil { letters = "" }
                try appendSwitch(name, value, "-\(letter)", &options)
            } else if let name = valued.first(where: { $0.value == letter })?.key {
                let joined = letters.isEmpty ? nil : String(letters.first == "=" ? letters.dropFirst() : letters)
                guard let value = joined ?? words.popFirst() else {
                    throw usage("flag needs an argument: '\(letter)' in \(word)")
                }
                options += Self.option(name, value)
                return
            } else {
                throw usage("unknown shorthand flag: '\(letter)' in \(word)")
            }
        }
    }

    /// One word, so that a value may begin with a dash; two where the parser would find the value missing.
    private static func option(_ name: String, _ value: String) -> [String] {
        value.isEmpty ? ["--\(name)", ""] : ["--\(name)=\(value)"]
    }

    private func appendSwitch(
        _ name: String, _ value: String?, _ given: String, _ options: inout [String]
    ) throws(CommandFailure) {
        switch value?.lowercased() {
        case nil, "true", "t", "1":
            if !options.contains("--\(name)") { options.append("--\(name)") }
        case "false", "f", "0": options.removeAll { $0 == "--\(name)" }
        default: throw usage("invalid argument \"\(value ?? "")\" for \"\(given)\" flag: it is either true or false")
        }
    }

    private func usage(_ message: String) -> CommandFailure {
        CommandFailure(message, status: usageStatus, helpCommand: command)
    }
}
