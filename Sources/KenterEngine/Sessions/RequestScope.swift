import JSONRPC
import Synchronization

/// The time that a request has, for whatever is done on its behalf: calls of plugins end with it.
///
/// Work that outlives the request, and work that cleans up after it, has time of its own: see ``free(_:)``.
final class RequestScope: Sendable {
    @TaskLocal private static var current: RequestScope?

    private let deadline: ContinuousClock.Instant
    private let isOver = Atomic(false)

    private init(until deadline: ContinuousClock.Instant) {
        self.deadline = deadline
    }

    /// When the request that this task works for has to be done; `nil` when it has no deadline, or is over.
    static var deadline: ContinuousClock.Instant? {
        guard let current, !current.isOver.load(ordering: .relaxed) else { return nil }
        return current.deadline
    }

    /// Runs `body` without any request's deadline.
    static func free<R>(_ body: () async throws -> R) async rethrows -> R {
        try await $current.withValue(nil, operation: body)
    }

    /// Runs the work of a request within its time; past it, the work is cancelled.
    ///
    /// Throws `timeout` once work that was cancelled for that has ended, so that nothing goes on behind the answer. What
    /// comes to its end regardless has its result, or its own error.
    static func run(
        within timeout: Duration, of method: String, _ body: @escaping @Sendable () async throws -> JSONObject
    ) async throws -> JSONObject {
        let scope = RequestScope(until: .now + timeout)
        defer { scope.isOver.store(true, ordering: .relaxed) }
        return try await $current.withValue(scope) {
            try await scope.run(of: method, timeout, body)
        }
    }

    private func run(
        of method: String, _ timeout: Duration, _ body: @escaping @Sendable () async throws -> JSONObject
    ) async throws -> JSONObject {
        let outcome = await withTaskGroup(of: Result<JSONObject, any Error>?.self) { group in
            // At once, on the connection's own thread: requests start in order.
            group.addImmediateTask {
                do { return .success(try await body()) } catch { return .failure(error) }
            }
            group.addTask { [deadline] in
                try? await Task.sleep(until: deadline)  // Cancelled when the work was faster.
                return nil
            }
            var outcome: Result<JSONObject, any Error>?
            for await ended in group {
                if let ended { outcome = ended }
                group.cancelAll()
            }
            return outcome
        }
        switch outcome {
        case .success(let result): return result
        case .failure(let error):
            guard ContinuousClock.now >= deadline, Self.isOfTime(error) else { throw error }
            throw RPCError(
                .timeout,
                "\(method) was not done within the \(timeout) that '_meta.timeoutMs' gave it: allow it more time")
        case nil: throw CancellationError()
        }
    }

    private static func isOfTime(_ error: any Error) -> Bool {
        if error is CancellationError { return true }
        guard let error = error as? RPCError else { return false }
        return error.kind == .cancelled || error.kind == .timeout
    }
}
