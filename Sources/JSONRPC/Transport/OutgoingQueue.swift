import CLinux
import Glibc
import Synchronization
import Threads

/// Why nothing more can be written to a peer.
public enum OutputFailure: Sendable, Equatable {
    /// The peer has closed the end that it reads, or both.
    case closed
    /// The peer has taken nothing of what waits for it for so long.
    case stalled(milliseconds: Int32)
}

/// What waits to be written on a channel: written at once where that goes, else by a thread that waits for the peer.
final class OutgoingQueue: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        /// Up to where `bytes` has been written.
        var written = 0
        /// While the reader has more lines at hand, answers are gathered instead of written one by one.
        var isHeld = false
        var hasWriter = false
        var isFinished = false
        var isBroken = false
        /// Why it broke, until that has been told.
        var untold: OutputFailure?
        var waiters: [CheckedContinuation<Void, Never>] = []

        var pending: Int { bytes.count - written }

        mutating func add(_ line: [UInt8]) {
            // A reader that is slow but never done must not make what it has read pile up here.
            if written > 64 << 10, written > bytes.count / 2 {
                bytes.removeSubrange(..<written)
                written = 0
            }
            if bytes.isEmpty { bytes = line } else { bytes.append(contentsOf: line) }
        }
    }

    private let channel: ByteChannel
    private let stalledMilliseconds: Int32
    private let broke: @Sendable (OutputFailure) -> Void
    private let state = Mutex(State())

    /// - Parameter broke: called once, on any thread, when nothing more can be written.
    init(
        _ channel: ByteChannel, stalledMilliseconds: Int32, broke: @escaping @Sendable (OutputFailure) -> Void
    ) {
        self.channel = channel
        self.stalledMilliseconds = stalledMilliseconds
        self.broke = broke
    }

    var pendingBytes: Int { state.withLock { $0.pending } }

    /// What is held in memory, including what has been written.
    var keptBytes: Int { state.withLock { $0.bytes.count } }

    /// Adds a line, LF included.
    func append(_ line: [UInt8]) {
        let (needsWriter, waiters) = state.withLock { state -> (Bool, [CheckedContinuation<Void, Never>]) in
            if state.isBroken || state.isFinished { return (false, []) }
            state.add(line)
            let needsWriter = state.isHeld ? false : drain(&state)
            return (needsWriter, state.pending == 0 ? Self.takeWaiters(&state) : [])
        }
        goOn(needsWriter, waiters)
    }

    func hold() { state.withLock { $0.isHeld = true } }

    func release() {
        let (needsWriter, waiters) = state.withLock { state -> (Bool, [CheckedContinuation<Void, Never>]) in
            guard state.isHeld else { return (false, []) }
            state.isHeld = false
            let needsWriter = drain(&state)
            return (needsWriter, state.pending == 0 ? Self.takeWaiters(&state) : [])
        }
        goOn(needsWriter, waiters)
    }

    private func goOn(_ needsWriter: Bool, _ waiters: [CheckedContinuation<Void, Never>]) {
        if needsWriter { startWriter() }
        tellFailure()
        for waiter in waiters { waiter.resume() }
    }

    /// Outside the lock: whoever hears of it may send.
    private func tellFailure() {
        let failure = state.withLock { state in
            defer { state.untold = nil }
            return state.untold
        }
        if let failure { broke(failure) }
    }

    /// No more lines; the channel's writing side ends once all are written.
    func finish() {
        state.withLock { state in
            state.isFinished = true
            if state.pending == 0 { channel.finishWriting() }
        }
    }

    /// Returns once everything is written, or cannot be any more.
    func flush() async {
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                if state.pending > 0 && !state.isBroken {
                    state.waiters.append(continuation)
                    return false
                }
                return true
            }
            if isDone { continuation.resume() }
        }
    }

    /// Drops what waits; nothing can be written any more.
    func abandon() {
        let waiters = state.withLock { state in
            Self.abandon(&state)
            return Self.takeWaiters(&state)
        }
        for waiter in waiters { waiter.resume() }
    }

    private static func abandon(_ state: inout State) {
        state.isBroken = true
        state.bytes = []
        state.written = 0
    }

    private static func takeWaiters(_ state: inout State) -> [CheckedContinuation<Void, Never>] {
        defer { state.waiters = [] }
        return state.waiters
    }

    /// Writes what goes without waiting; true when a writer has to be started for the rest.
    private func drain(_ state: inout State) -> Bool {
        guard !state.hasWriter else { return false }
        writeAvailable(&state)
        guard state.pending > 0 else { return false }
        state.hasWriter = true
        return true
    }

    private func writeAvailable(_ state: inout State) {
        while state.pending > 0 {
            let count = state.bytes.withUnsafeBytes {
                channel.writeNow(UnsafeRawBufferPointer(rebasing: $0[state.written...]))
            }
            if count < 0 {
                Self.abandon(&state)
                state.untold = .closed
                return
            }
            if count == 0 { return }
            state.written += count
        }
        state.bytes.removeAll(keepingCapacity: state.bytes.capacity <= 64 << 10)
        state.written = 0
        if state.isFinished { channel.finishWriting() }
    }

    private func startWriter() {
        DetachedThread.start { [self] in
            while true {
                let isWritable = channel.waitWritable(milliseconds: stalledMilliseconds)
                let (isDone, waiters) = state.withLock { state in
                    if isWritable {
                        writeAvailable(&state)
                    } else {
                        Self.abandon(&state)
                        state.untold = .stalled(milliseconds: stalledMilliseconds)
                    }
                    guard state.pending == 0 else { return (false, [CheckedContinuation<Void, Never>]()) }
                    state.hasWriter = false
                    return (true, Self.takeWaiters(&state))
                }
                tellFailure()
                for waiter in waiters { waiter.resume() }
                if isDone { return }
            }
        }
    }
}
