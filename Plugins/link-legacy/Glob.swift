/// A pattern of names: `*` stands for any characters, `?` for one, all others for themselves.
struct Glob: Equatable {
    private let pattern: [UInt8]

    init(_ pattern: String) {
        self.pattern = Array(pattern.utf8)
    }

    /// Takes time of at most the product of both lengths, whatever the pattern.
    func matches(_ text: String) -> Bool {
        let text = Array(text.utf8)
        var (patternIndex, textIndex) = (0, 0)
        // Where to go on when a character does not fit: after the last star, one character further.
        var retry: (pattern: Int, text: Int)?
        while textIndex < text.count {
            let wanted = patternIndex < pattern.count ? pattern[patternIndex] : nil
            if wanted == UInt8(ascii: "*") {
                retry = (patternIndex + 1, textIndex)
                patternIndex += 1
            } else if let wanted, wanted == UInt8(ascii: "?") || wanted == text[textIndex] {
                patternIndex += 1
                textIndex += 1
            } else if let star = retry {
                retry = (star.pattern, star.text + 1)
                patternIndex = star.pattern
                textIndex = star.text + 1
            } else {
                return false
            }
        }
        return pattern[patternIndex...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
