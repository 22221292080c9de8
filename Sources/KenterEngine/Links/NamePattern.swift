/// A pattern of names in which `*` stands for any characters.
struct NamePattern: Sendable, Equatable {
    static let bytesMaximum = 256
    static let starsMaximum = 4

    /// What lies between the stars.
    private let pieces: [[UInt8]]
    /// For each byte of a piece: how many bytes before and with it are also the piece's beginning.
    private let overlaps: [[Int]]

    init(_ pattern: String) {
        pieces = pattern.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map { Array($0) }
        overlaps = pieces.map(Self.overlaps)
    }

    /// Whether a provider may say that it produces this.
    static func isAllowed(_ pattern: String) -> Bool {
        pattern.utf8.count <= bytesMaximum && pattern.utf8.count { $0 == UInt8(ascii: "*") } <= starsMaximum
    }

    /// Takes time of at most the sum of both lengths, whatever they are: both may be hostile.
    func matches(_ name: String) -> Bool {
        let name = Array(name.utf8)
        guard let first = pieces.first, let last = pieces.last, pieces.count > 1 else { return name == pieces.first }
        guard name.starts(with: first) else { return false }
        var rest = name[first.count...]
        // The leftmost place is as good as any for the pieces between two stars.
        for index in pieces.indices.dropFirst().dropLast() where !pieces[index].isEmpty {
            guard let end = end(ofPiece: index, in: rest) else { return false }
            rest = rest[end...]
        }
        return rest.count >= last.count && rest.suffix(last.count).elementsEqual(last)
    }

    /// Where a piece's first occurrence ends: the search of Knuth, Morris and Pratt, which never goes back in `bytes`.
    private func end(ofPiece index: Int, in bytes: ArraySlice<UInt8>) -> Int? {
        let (piece, overlaps) = (pieces[index], overlaps[index])
        var count = 0
        for place in bytes.indices {
            while count > 0 && bytes[place] != piece[count] { count = overlaps[count - 1] }
            if bytes[place] == piece[count] { count += 1 }
            if count == piece.count { return place + 1 }
        }
        return nil
    }

    private static func overlaps(_ piece: [UInt8]) -> [Int] {
        var overlaps = [Int](repeating: 0, count: piece.count)
        var count = 0
        for index in piece.indices.dropFirst() {
            while count > 0 && piece[index] != piece[count] { count = overlaps[count - 1] }
            if piece[index] == piece[count] { count += 1 }
            overlaps[index] = count
        }
        return overlaps
    }
}
