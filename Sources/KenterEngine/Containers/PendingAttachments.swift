import Synchronization

/// Clients that attach to a container before it is started: they get its streams before its first instruction runs.
final class PendingAttachments: Sendable {
    typealias Outcome = Result<ProcessStreams?, RuntimeError>
    private struct State {
        var waiting: [String: [Int: CheckedContinuation<Outcome, Never>]] = [:]
        var lastKey = 0
    }

    private let state = Mutex(State())

    /// Waits for the streams; `nil` when the start has failed, the container is gone, or the task is cancelled.
    ///
    /// - Parameter isTooLate: asked once the place is taken: whether a start came before, so that none is waited for.
    func streams(of id: String, unless isTooLate: () -> Bool) async throws(RuntimeError) -> ProcessStreams? {
        let key = state.withLock { state in
            state.lastKey += 1
            return state.lastKey
        }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if !Task.isCancelled { state.waiting[id, default: [:]][key] = continuation }
                    return Task.isCancelled
                }
                if isCancelled { continuation.resume(returning: .success(nil)) }
                if !isCancelled, isTooLate() { giveUp(key, of: id) }
            }
        } onCancel: {
            giveUp(key, of: id)
        }
        return try outcome.get()
    }

    /// Whether somebody waits for the container's next start.
    func isAwaited(_ id: String) -> Bool { state.withLock { $0.waiting[id]?.isEmpty == false } }

    private func giveUp(_ key: Int, of id: String) {
        state.withLock { $0.waiting[id]?.removeValue(forKey: key) }?.resume(returning: .success(nil))
    }

    /// Connects everyone who waits: when the container is made and not yet started, and again once its state says that it
    /// runs, for those who came in between.
    func release(_ id: String, _ runtime: ContainerRuntime) {
        for continuation in take(id) {
            do throws(RuntimeError) {
                continuation.resume(returning: .success(try runtime.attach(id)))
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
    }

    func cancel(_ id: String) {
        for continuation in take(id) { continuation.resume(returning: .success(nil)) }
    }

    private func take(_ id: String) -> [CheckedContinuation<Outcome, Never>] {
        state.withLock { state in
            defer { state.waiting[id] = nil }
            return state.waiting[id].map { Array($0.values) } ?? []
        }
    }
}
