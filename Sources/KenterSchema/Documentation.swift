/// The documentation comments of the wire's types, by type and member: `ContainerCreate`, `ContainerCreate.image`.
///
/// ``DocumentationTable`` is collected from the sources; `make check` fails when it is behind them.
struct Documentation: Sendable {
    private let texts: [String: String]

    /// That of the types of this build.
    static let collected = Documentation(DocumentationTable.text)

    /// - Parameter table: A line for each: the name, a tab, the text with `\n` for a new paragraph.
    init(_ table: String) {
        var texts: [String: String] = [:]
        for line in table.split(separator: "\n") {
            guard let tab = line.firstIndex(of: "\t") else { continue }
            texts[String(line[..<tab])] = line[line.index(after: tab)...].split(separator: "¶").joined(
                separator: "\n\n")
        }
        self.texts = texts
    }

    subscript(_ name: String) -> String? { texts[name] }

    /// The kinds of errors that a method's documentation names: in sentences that start with "Fails with".
    func errorKinds(of method: String) -> [String] {
        var kinds: [String] = []
        var rest = Substring(texts[method] ?? "")
        while let start = rest.firstRange(of: "Fails with") {
            rest = rest[start.upperBound...]
            let sentence = rest.firstRange(of: ". ").map { rest[..<$0.lowerBound] } ?? rest
            let words = sentence.split(separator: "`", omittingEmptySubsequences: false)
            for (index, word) in words.enumerated() where index % 2 == 1 && ErrorTable.kinds[String(word)] != nil {
                if !kinds.contains(String(word)) { kinds.append(String(word)) }
            }
        }
        return kinds
    }
}
