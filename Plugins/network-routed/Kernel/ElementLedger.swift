/// Who wants which elements. An element is in the table as long as anybody wants it: two links, or two published ports,
/// may want the same.
struct ElementLedger: Sendable {
    enum Owner: Hashable, Sendable {
        case network(String)
        case attachment(String)
        case link(String)
    }

    /// What each of some owners wants from now on; an empty list ends what it wanted.
    typealias Changes = [Owner: [Element]]

    private var wanted: Changes = [:]
    private var counts: [Element: Int] = [:]

    /// Everything that belongs into the table.
    var elements: some Collection<Element> { counts.keys }

    /// The difference that `changes` make to the table.
    func transaction(_ changes: Changes) -> FilterTransaction {
        var differences: [Element: Int] = [:]
        for (owner, elements) in changes {
            for element in wanted[owner] ?? [] { differences[element, default: 0] -= 1 }
            for element in elements { differences[element, default: 0] += 1 }
        }
        var transaction = FilterTransaction()
        for (element, difference) in differences where difference != 0 {
            let before = counts[element] ?? 0
            if before == 0 { transaction.added.append(element) }
            if before + difference == 0 { transaction.removed.append(element) }
        }
        return transaction
    }

    mutating func record(_ changes: Changes) {
        for (owner, elements) in changes {
            for element in wanted[owner] ?? [] {
                let count = (counts[element] ?? 0) - 1
                counts[element] = count > 0 ? count : nil
            }
            for element in elements { counts[element, default: 0] += 1 }
            wanted[owner] = elements.isEmpty ? nil : elements
        }
    }
}
