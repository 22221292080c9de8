/// The words of a command line, told apart as a command declares its options.
///
/// Docker's way of writing them is understood: `-it`, `-ite NAME=x`, `-p8000:80`, `--rm=false`, values that begin with a
/// dash, and options behind operands unless those begin a command of their own.
struct ParsedWords {
    private(set) var switches: Set<String> = []
    private(set) var values: [String: [String]] = [:]
    private(set) var operands: [String] = []
    private(set) var asksForHelp = false
    let engineAddress: String?
    private let options: [ArgumentReader.Option]
    private let refusals: [String: String]

    /// - Parameter refusals: What is said of options that there are not, by what was written: `--device`, `-f`.
    init(
        _ words: [String], options: [ArgumentReader.Option], operands syntax: ArgumentReader.Operands,
        engineAddress: String? = nil, refusals: [String: String] = [:]
    ) throws(CommandFailure) {
        self.options = options
        self.refusals = refusals
        self.engineAddress = engineAddress
        var words = words[...]
        while let word = words.popFirst() {
            if word == "--" {
                operands += words
                return
            } else if word.hasPrefix("--") {
                try takeLong(word, &words)
            } else if word.hasPrefix("-"), word != "-" {
                try takeShort(word, &words)
            } else if syntax.endOptions {
                operands += [word] + words
                return
            } else {
                operands.append(word)
            }
        }
    }

    private mutating func takeLong(_ word: String, _ words: inout ArraySlice<String>) throws(CommandFailure) {
        let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        let value = parts.count == 2 ? String(parts[1]) : nil
        if name == "help" {
            asksForHelp = true
        } else if let option = options.first(where: { $0.long == name || $0.synonyms.contains(name) }) {
            if option.valueName == nil { return try set(option, value) }
            guard let value = value ?? words.popFirst() else {
                throw CommandFailure("flag needs an argument: --\(name)")
            }
            values[option.long, default: []].append(value)
        } else {
            throw CommandFailure(refusals["--\(name)"] ?? "unknown flag: --\(name)")
        }
    }

    private mutating func takeShort(_ word: String, _ words: inout ArraySlice<String>) throws(CommandFailure) {
        var letters = word.dropFirst()
        while let letter = letters.popFirst() {
            guard let option = options.first(where: { $0.short == letter }) else {
                if word == "-h" {
                    asksForHelp = true
                    return
                }
                throw CommandFailure(refusals["-\(letter)"] ?? "unknown shorthand flag: '\(letter)' in \(word)")
            }
            let joined = letters.first == "=" ? String(letters.dropFirst()) : nil
            if option.valueName == nil {
                try set(option, joined)
                if joined != nil { return }
                continue
            }
            guard let value = joined ?? (letters.isEmpty ? words.popFirst() : String(letters)) else {
                throw CommandFailure("flag needs an argument: '\(letter)' in \(word)")
            }
            values[option.long, default: []].append(value)
            return
        }
    }

    private mutating func set(_ option: ArgumentReader.Option, _ value: String?) throws(CommandFailure) {
        switch value?.lowercased() {
        case nil, "true", "t", "1": switches.insert(option.long)
        case "false", "f", "0": switches.remove(option.long)
        case let value?:
            throw CommandFailure(OptionError(value, for: option.title, "it is either true or false"))
        }
    }
}
