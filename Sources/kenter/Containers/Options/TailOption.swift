/// `--tail all` or `--tail 10`.
enum TailOption {
    /// `nil` for all lines.
    static func lineCount(_ text: String) throws(CommandFailure) -> Int? {
        if text == "all" { return nil }
        guard let count = Int(text) else {
            throw CommandFailure("invalid value '\(text)' for --tail: use a number of lines, or all")
        }
        // As in Docker, less than none is all.
        return count < 0 ? nil : count
    }
}
