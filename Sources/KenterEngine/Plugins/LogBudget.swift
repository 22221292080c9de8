/// Bounds how much one plugin writes into the engine's log.
struct LogBudget: Sendable {
    static let linesPerSecond = 200

    private var second: Int64 = .min
    private var used = 0
    /// Lines that were refused since the last one that was admitted.
    private var refused = 0

    /// Whether one more line may be logged; with it, how many were left out before.
    mutating func admit(at now: Duration) -> (isAdmitted: Bool, refusedBefore: Int) {
        if now.components.seconds != second { (second, used) = (now.components.seconds, 0) }
        guard used < Self.linesPerSecond else {
            refused += 1
            return (false, 0)
        }
        used += 1
        defer { refused = 0 }
        return (true, refused)
    }
}
