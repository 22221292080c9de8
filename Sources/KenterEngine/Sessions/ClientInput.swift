import JSONRPC
import Synchronization

/// What a client sends on a stream, for one reader: bytes in order, resizes of its terminal, and the end.
///
/// Holds no more than the client was granted, however small the pieces are; of several resizes only the last one.
final class ClientInput: AsyncSequence, Sendable {
    enum Element: Sendable, Equatable {
        case bytes([UInt8])
        case end
        case resize(columns: UInt16, rows: UInt16)
    }

    private struct State {
        var bytes: [UInt8] = []
        var resize: (columns: UInt16, rows: UInt16)?
        var hasEnded = false
        var isEndTaken = false
    }

    private let state = Mutex(State())
    private let changes: AsyncStream<Void>
    private let changed: AsyncStream<Void>.Continuation

    init() {
        (changes, changed) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// False once the end was said: nothing may follow it.
    func add(_ bytes: [UInt8]) -> Bool {
        let isOpen = state.withLock { state in
            if !state.hasEnded { state.bytes.append(contentsOf: bytes) }
            return !state.hasEnded
        }
        changed.yield()
        return isOpen
    }

    func resize(columns: UInt16, rows: UInt16) {
        state.withLock { $0.resize = (columns, rows) }
        changed.yield()
    }

    /// The client's input is at its end.
    func end() {
        state.withLock { $0.hasEnded = true }
        changed.yield()
    }

    /// Nothing more comes; what is there can still be read.
    func finish() { changed.finish() }

    private func take() -> Element? {
        state.withLock { state in
            if let size = state.resize {
                state.resize = nil
                return .resize(columns: size.columns, rows: size.rows)
            }
            if !state.bytes.isEmpty {
                defer { state.bytes = [] }
                return .bytes(state.bytes)
            }
            guard state.hasEnded, !state.isEndTaken else { return nil }
            state.isEndTaken = true
            return .end
        }
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let input: ClientInput

        /// `nil` at the end of the stream, or when the task is cancelled.
        mutating func next() async -> Element? {
            while true {
                if let element = input.take() { return element }
                var changes = input.changes.makeAsyncIterator()
                guard await changes.next() != nil else { return input.take() }
            }
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(input: self) }
}
