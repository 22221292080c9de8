/// A link as it is named: `consumer/alias`, with or without a slash in front.
struct LinkPath {
    var consumer: String
    var alias: String

    init?(_ text: String) {
        let parts = text.drop { $0 == "/" }.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        (consumer, alias) = (String(parts[0]), String(parts[1]))
    }

    /// The same, or an error that says what a link's name looks like.
    init(parsing text: String) throws(CommandFailure) {
        guard let path = Self(text) else {
            throw CommandFailure("'\(text)' is no link's name: use consumer/alias, such as web/db")
        }
        self = path
    }
}
