/// Looks for ctrl-p ctrl-q in what is typed: the way out of a container that goes on without its terminal.
struct DetachKeys {
    enum Outcome: Equatable {
        case keep([UInt8])
        /// What was typed before the keys.
        case detach([UInt8])
    }

    private static let first: UInt8 = 0x10  // ctrl-p
    private static let second: UInt8 = 0x11  // ctrl-q
    private var sawFirst = false

    /// What of the bytes goes to the container. A ctrl-p is kept back until the next key tells what it was.
    mutating func typed(_ bytes: [UInt8]) -> Outcome {
        var kept: [UInt8] = []
        for byte in bytes {
            if sawFirst {
                if byte == Self.second { return .detach(kept) }
                kept.append(Self.first)
                sawFirst = byte == Self.first
                if !sawFirst { kept.append(byte) }
            } else if byte == Self.first {
                sawFirst = true
            } else {
                kept.append(byte)
            }
        }
        return .keep(kept)
    }
}
