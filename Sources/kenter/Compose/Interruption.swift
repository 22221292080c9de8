import Glibc
import Synchronization

/// Work that ctrl-c or SIGTERM ends in order.
enum Interruption {
    private static let signals = [SIGINT, SIGTERM]

    /// At either signal tells what becomes of what was asked for, and ends this process. The engine gives up what a client
    /// asked for that is gone.
    static func tellAtEnd(_ text: String) {
        SignalPipe.handle(signals) { number in
            Output.errorLine("kenter: interrupted: \(text)")
            exit(128 + number)
        }
    }

    /// Does `work`. At the first signal it is cancelled, wherever it is, and `interrupted` is done in its place, at every
    /// further one `again` beside that. Fails with 130 then, as Docker's compose does for both signals.
    static func during(
        _ work: @escaping @Sendable () async throws -> Void,
        interrupted: () async throws -> Void, again: @escaping @Sendable () async throws -> Void
    ) async throws {
        let count = Atomic(0)
        // Unstructured because it ends with the signal or by itself, whichever comes first.
        let task = Task { try await work() }
        SignalPipe.handle(signals) { _ in
            guard count.add(1, ordering: .relaxed).newValue > 1 else { return task.cancel() }
            // Unstructured because signals come whenever they like; what fails shows in what `interrupted` does.
            Task { try? await again() }
        }
        do {
            try await task.value
        } catch {
            guard count.load(ordering: .relaxed) > 0 else { throw error }
            try await interrupted()
            throw CommandFailure.silent(130)
        }
    }
}
