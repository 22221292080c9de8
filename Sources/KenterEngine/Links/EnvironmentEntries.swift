/// `NAME=VALUE` entries, one a name, in the order in which the names came first.
struct EnvironmentEntries {
    private var texts: [String?] = []
    private var indices: [Substring: Int] = [:]

    var list: [String] { texts.compactMap { $0 } }

    func has(_ name: Substring) -> Bool { indices[name].map { texts[$0] != nil } ?? false }

    /// Puts the entry in the place of one with its name; a name alone takes the variable away.
    mutating func set(_ entry: String) {
        let name = entry.prefix { $0 != "=" }
        let text = name.endIndex == entry.endIndex ? nil : entry
        if let index = indices[name] {
            texts[index] = text
        } else if let text {
            indices[name] = texts.count
            texts.append(text)
        }
    }
}
