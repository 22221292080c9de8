/// `--link source[:alias][,option=value…]`.
enum LinkOption {
    /// Checks the shape alone; the engine knows the containers, and the provider its options.
    static func check(_ text: String) throws(OptionError) {
        let specification = text.prefix { $0 != "," }
        if specification.isEmpty { throw OptionError(text, for: "--link", "empty string specified for links") }
        if specification.filter({ $0 == ":" }).count > 1 {
            throw OptionError(text, for: "--link", "bad format for links: \(specification)")
        }
    }
}

/// `--label name[=value]`.
enum LabelOption {
    static func labels(_ texts: [String]) -> [String: String] {
        var labels: [String: String] = [:]
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            labels[String(parts[0])] = parts.count == 2 ? String(parts[1]) : ""
        }
        return labels
    }
}
