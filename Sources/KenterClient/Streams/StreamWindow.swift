import KenterProtocol

/// The credit of one direction of a stream, on the side that sends.
struct SendWindow {
    private(set) var available = StreamCredit.initialBytes

    /// How much of `wanted` may go now.
    mutating func take(_ wanted: Int) -> Int {
        let taken = min(wanted, available)
        available -= taken
        return taken
    }

    mutating func grant(_ bytes: Int) {
        // A peer that grants absurd amounts must not overflow the count.
        available = min(available + max(0, min(bytes, 1 << 40)), 1 << 40)
    }
}

/// The credit of one direction of a stream, on the side that receives.
struct ReceiveWindow {
    /// What the peer may still send.
    private(set) var available = StreamCredit.initialBytes
    /// Consumed here, not yet granted anew.
    private var consumed = 0

    /// Counts bytes that came; false when the peer had no credit for them.
    mutating func receive(_ bytes: Int) -> Bool {
        available -= bytes
        return available >= 0
    }

    /// Counts bytes that were consumed; returns how many to grant now. Small amounts are gathered, so that credit does
    /// not cost a message for each message.
    mutating func consume(_ bytes: Int) -> Int? {
        consumed += bytes
        guard consumed >= StreamCredit.initialBytes / 4 else { return nil }
        defer { consumed = 0 }
        available += consumed
        return consumed
    }
}
