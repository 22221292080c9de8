/// `kenter compose -f FILE up` is `kenter compose up --file FILE`: options of the whole project may stand before the verb.
enum ComposeWords {
    private static let names = [
        "-f": "--file", "--file": "--file", "-p": "--project-name", "--project-name": "--project-name",
        "--profile": "--profile", "--env-file": "--env-file", "--project-directory": "--project-directory",
    ]

    /// Whether only the verb is missing.
    static func lackVerb(_ words: [String]) -> Bool {
        words.first == "compose" && reordered(words + [""]).dropFirst().first == ""
    }

    static func reordered(_ words: [String]) -> [String] {
        guard words.first == "compose" else { return words }
        var options: [String] = []
        var rest = words.dropFirst()
        while let word = rest.first, word.hasPrefix("-") {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            guard let name = names[parts[0]] else { return words }
            rest.removeFirst()
            guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else { return words }
            options += [name, value]
        }
        guard let verb = rest.popFirst() else { return words }
        return ["compose", verb] + options + rest
    }
}
