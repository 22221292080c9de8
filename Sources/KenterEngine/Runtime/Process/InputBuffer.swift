import Synchronization

/// Bytes on their way into a process; whoever sends waits until the process has taken enough of them.
final class InputBuffer: Sendable {
    private struct State {
        var pending: [UInt8] = []
        var senders: [UInt64: CheckedContinuation<Bool, Never>] = [:]
        var lastSender: UInt64 = 0
        /// Nothing will be added; what is pending still goes.
        var ends = false
        /// Nobody takes any more.
        var isClosed = false
    }

    private let state = Mutex(State())
    private let limitBytes: Int
    private let bytesAppeared: @Sendable () -> Void

    init(limitBytes: Int, bytesAppeared: @escaping @Sendable () -> Void) {
        self.limitBytes = limitBytes
        self.bytesAppeared = bytesAppeared
    }

    /// Returns once the bytes are on their way; false when nobody takes them, or when the task is cancelled.
    func send(_ bytes: [UInt8]) async -> Bool {
        let number = state.withLock { state in
            state.lastSender += 1
            return state.lastSender
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Bool? in
                    if state.isClosed || state.ends || Task.isCancelled { return false }
                    state.pending += bytes
                    if state.pending.count <= limitBytes { return true }
                    state.senders[number] = continuation
                    return nil
                }
                bytesAppeared()
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            state.withLock { $0.senders.removeValue(forKey: number) }?.resume(returning: false)
        }
    }

    /// Nothing more will be sent: the process sees the end of its input.
    func finish() {
        state.withLock { $0.ends = true }
        bytesAppeared()
    }

    /// Nobody takes any more.
    func close() {
        let senders = state.withLock { state -> [CheckedContinuation<Bool, Never>] in
            state.isClosed = true
            state.pending = []
            defer { state.senders = [:] }
            return Array(state.senders.values)
        }
        for sender in senders { sender.resume(returning: false) }
    }

    /// What the thread has to do: bytes to write, or the end to tell.
    var work: (hasBytes: Bool, isAtEnd: Bool) {
        state.withLock { (!$0.pending.isEmpty, $0.pending.isEmpty && $0.ends && !$0.isClosed) }
    }

    /// Lets `body` write a piece of at most `limit` bytes; it returns how many went.
    func drain(limit: Int, _ body: (UnsafeRawBufferPointer) -> Int) {
        let piece = state.withLock { Array($0.pending.prefix(limit)) }
        let count = piece.withUnsafeBytes(body)
        guard count > 0 else { return }
        let senders = state.withLock { state -> [CheckedContinuation<Bool, Never>] in
            state.pending.removeFirst(min(count, state.pending.count))
            guard state.pending.count <= limitBytes else { return [] }
            defer { state.senders = [:] }
            return Array(state.senders.values)
        }
        for sender in senders { sender.resume(returning: true) }
    }
}
