/// A difference to the elements of the table, applied by the kernel as a whole or not at all.
struct FilterTransaction: Sendable, Equatable {
    var removed: [Element] = []
    var added: [Element] = []

    var isEmpty: Bool { removed.isEmpty && added.isEmpty }

    /// The commands for nft: removals first, so that a key may get another value.
    func script(table: String) -> String {
        commands("delete", removed, table) { $0.key } + commands("add", added, table) { $0.text }
    }

    private func commands(
        _ verb: String, _ elements: [Element], _ table: String, _ text: (Element) -> String
    ) -> String {
        Dictionary(grouping: elements, by: \.set).sorted { $0.key < $1.key }.map { set, elements in
            "\(verb) element inet \(table) \(set) { \(elements.map(text).sorted().joined(separator: ", ")) }\n"
        }.joined()
    }
}
