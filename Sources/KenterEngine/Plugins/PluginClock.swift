/// Time for the supervision of plugins, so that tests need not wait.
package struct PluginClock: Sendable {
    /// Monotonic, from an origin of its own.
    package var now: @Sendable () -> Duration
    package var sleep: @Sendable (Duration) async throws -> Void

    package init(
        now: @escaping @Sendable () -> Duration, sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    package static let system: PluginClock = {
        let origin = ContinuousClock.now
        return PluginClock(now: { ContinuousClock.now - origin }, sleep: { try await Task.sleep(for: $0) })
    }()
}
