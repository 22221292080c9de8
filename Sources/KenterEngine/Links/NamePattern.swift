/// A pattern of names in which `*` stands for any characters.
struct NamePattern: Sendable, Equatable {
    private let pieces: [String]

    init(_ pattern: String) {
        pieces = pattern.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
    }

    /// Takes time of at most the product of both lengths.
    func matches(_ name: String) -> Bool {
        guard let first = pieces.first, let last = pieces.last, pieces.count > 1 else { return name == pieces.first }
        guard name.hasPrefix(first) else { return false }
        var rest = name.dropFirst(first.count)
        // The leftmost place is as good as any for the pieces between two stars.
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let range = rest.firstRange(of: piece) else { return false }
            rest = rest[range.upperBound...]
        }
        return rest.hasSuffix(last)
    }
}
