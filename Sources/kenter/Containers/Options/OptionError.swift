/// Why the value of an option is none.
struct OptionError: Error, Equatable {
    var message: String

    init(_ message: String) { self.message = message }

    /// In Docker's words: `invalid argument "a:b:c" for "--link" flag: bad format for links: a:b:c`.
    init(_ value: String, for option: String, _ detail: String) {
        message = "invalid argument \"\(value)\" for \"\(option)\" flag: \(detail)"
    }
}
