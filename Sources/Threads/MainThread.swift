/// Asynchronous code in a process whose main thread only waits for it.
///
/// With an asynchronous `main` it would be bound to the main thread, and that given up to Dispatch with its signal mask.
public enum MainThread {
    /// Runs `body` on the concurrency pool and blocks the calling thread until it has returned.
    public static func run<R: Sendable>(_ body: @escaping @Sendable () async -> R) -> R {
        let outcome = Outcome<R>()
        // Unstructured because this thread is not part of the concurrent world; it waits for the end right here.
        Task { outcome.finish(await body()) }
        return outcome.wait()
    }
}
