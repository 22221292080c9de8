/// Waits until `condition` holds and returns whether it did before the deadline: looks again and again, never just waits.
public func eventually(
    within deadline: Duration = .seconds(10), _ condition: () async throws -> Bool
) async rethrows -> Bool {
    let end = ContinuousClock.now + deadline
    while true {
        if try await condition() { return true }
        if ContinuousClock.now >= end { return false }
        try? await Task.sleep(for: .milliseconds(10))  // A cancelled test looks once more and ends by its deadline.
        if Task.isCancelled { return false }
    }
}
