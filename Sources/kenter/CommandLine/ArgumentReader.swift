/// How a command says what it understands and gets what was said, in one go.
///
/// A command's initializer runs twice: first with a reader that only notes what is asked for, which is all that help,
/// completion and the parser need; then with one that answers from the parsed words. So no option is written down twice.
struct ArgumentReader {
    /// One option of a command.
    struct Option: Sendable {
        var long: String
        var short: Character?
        /// What its value is called in help; `nil` for a switch.
        var valueName: String?
        var help: String
        /// Other long names, left out of help.
        var synonyms: [String]

        /// As errors name it: `-m, --memory`.
        var title: String { short.map { "-\($0), --\(long)" } ?? "--\(long)" }
    }

    /// What comes besides options.
    struct Operands: Sendable {
        var usage = ""
        var minimum = 0
        var maximum: Int? = 0
        /// Whether options end at the first operand, because a command of somebody else's follows.
        var endOptions = false
    }

    private(set) var options: [Option] = []
    private(set) var operandSyntax = Operands()
    /// `nil` while the command only says what it understands.
    private let words: ParsedWords?
    private var taken = 0

    /// The engine that was named before the command.
    var engineAddress: String? { words?.engineAddress }

    init(_ words: ParsedWords? = nil) {
        self.words = words
    }

    // MARK: options

    /// Whether a switch was given.
    mutating func flag(_ long: String, _ short: Character, _ help: String) -> Bool {
        options.append(Option(long: long, short: short, valueName: nil, help: help, synonyms: []))
        return words?.switches.contains(long) ?? false
    }

    /// The same without a short name.
    mutating func flag(_ long: String, _ help: String) -> Bool {
        options.append(Option(long: long, short: nil, valueName: nil, help: help, synonyms: []))
        return words?.switches.contains(long) ?? false
    }

    /// Every value of an option, in order.
    mutating func values(
        _ long: String, _ short: Character, _ valueName: String, _ help: String, synonyms: [String] = []
    ) -> [String] {
        options.append(Option(long: long, short: short, valueName: valueName, help: help, synonyms: synonyms))
        return words?.values[long] ?? []
    }

    /// The same without a short name.
    mutating func values(
        _ long: String, _ valueName: String, _ help: String, synonyms: [String] = []
    ) -> [String] {
        options.append(Option(long: long, short: nil, valueName: valueName, help: help, synonyms: synonyms))
        return words?.values[long] ?? []
    }

    /// The last value of an option.
    mutating func value(
        _ long: String, _ short: Character, _ valueName: String, _ help: String, synonyms: [String] = []
    ) -> String? {
        values(long, short, valueName, help, synonyms: synonyms).last
    }

    /// The same without a short name.
    mutating func value(_ long: String, _ valueName: String, _ help: String, synonyms: [String] = []) -> String? {
        values(long, valueName, help, synonyms: synonyms).last
    }

    /// The last value of an option, which is a whole number.
    mutating func integer<Integer: FixedWidthInteger>(
        _ long: String, _ short: Character, _ help: String, synonyms: [String] = []
    ) throws(CommandFailure) -> Integer? {
        let text = value(long, short, "number", help, synonyms: synonyms)
        return try integer(text, of: long)
    }

    /// The same without a short name.
    mutating func integer<Integer: FixedWidthInteger>(
        _ long: String, _ help: String
    ) throws(CommandFailure) -> Integer? {
        let text = value(long, "number", help)
        return try integer(text, of: long)
    }

    private func integer<Integer: FixedWidthInteger>(
        _ text: String?, of long: String
    ) throws(CommandFailure) -> Integer? {
        guard let text else { return nil }
        guard let number = Integer(text) else {
            throw CommandFailure(OptionError(text, for: title(of: long), "it is no whole number"))
        }
        return number
    }

    /// The last value of an option, which is one of a few words.
    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ long: String, _ help: String
    ) throws(CommandFailure) -> Choice? where Choice.RawValue == String {
        guard let text = value(long, "choice", help) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandFailure(OptionError(text, for: title(of: long), "use one of \(choices)"))
        }
        return choice
    }

    private func title(of long: String) -> String { options.first { $0.long == long }?.title ?? "--\(long)" }

    // MARK: operands

    /// The next operand.
    mutating func operand(_ name: String) -> String {
        note(name, minimum: 1, maximum: 1)
        return next() ?? ""
    }

    /// The next operand, which may be missing.
    mutating func optionalOperand(_ name: String) -> String? {
        note("[\(name)]", minimum: 0, maximum: 1)
        return next()
    }

    /// All further operands.
    mutating func operands(_ name: String, atLeast minimum: Int = 1) -> [String] {
        note(minimum == 0 ? "[\(name)...]" : "\(name) [\(name)...]", minimum: minimum, maximum: nil)
        return rest()
    }

    /// The first operand and all words behind it, whatever they look like.
    mutating func command(_ usage: String, atLeast minimum: Int) -> [String] {
        note(usage, minimum: minimum, maximum: nil)
        operandSyntax.endOptions = true
        return rest()
    }

    private mutating func note(_ usage: String, minimum: Int, maximum: Int?) {
        operandSyntax.usage += " \(usage)"
        operandSyntax.minimum += minimum
        operandSyntax.maximum = maximum.flatMap { maximum in operandSyntax.maximum.map { $0 + maximum } }
    }

    private mutating func next() -> String? {
        guard let words, taken < words.operands.count else { return nil }
        defer { taken += 1 }
        return words.operands[taken]
    }

    private mutating func rest() -> [String] {
        guard let words else { return [] }
        defer { taken = words.operands.count }
        return Array(words.operands.dropFirst(taken))
    }
}
