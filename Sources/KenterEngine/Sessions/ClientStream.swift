import JSONRPC
import KenterProtocol
import Synchronization

/// The engine's end of a stream that a client has named in a request: bytes both ways, with credit both ways.
final class ClientStream: Sendable {
    private struct State {
        /// What may still be sent to the client.
        var credit = StreamCredit.initialBytes
        /// What the client may still send.
        var granted = StreamCredit.initialBytes
        /// Used by the engine, but not yet granted anew.
        var used = 0
        var isClosed = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    let name: String
    /// What the client sends on channel `stdin`, and how it resizes its terminal; ends when the stream is closed.
    let input = ClientInput()
    /// Credit is granted in pieces of this size, so that small pieces of input do not cost a message each.
    private static let grantBytes = StreamCredit.initialBytes / 4
    private let connection: Connection
    private let state = Mutex(State())

    init(name: String, connection: Connection) {
        self.name = name
        self.connection = connection
    }

    // MARK: to the client

    /// Sends bytes, in pieces, as the client gives credit; false once the stream is closed.
    @discardableResult
    func send(_ bytes: [UInt8], on channel: StreamData.Channel) async -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            // Credit bounds what the client has to keep, this what the engine has.
            await connection.waitForRoom()
            let count = await takeCredit(min(rest.count, 64 << 10))
            guard count > 0 else { return false }
            notify(StreamData(stream: name, channel: channel, data: Base64(rest.prefix(count))))
            rest = rest.dropFirst(count)
        }
        return !state.withLock { $0.isClosed }
    }

    /// Says that no more bytes come on a channel.
    func sendEnd(of channel: StreamData.Channel) {
        guard !state.withLock({ $0.isClosed }) else { return }
        notify(StreamData(stream: name, channel: channel, data: Base64([]), eof: true))
    }

    private func notify(_ data: StreamData) {
        guard let params = try? JSONValueEncoder().encodeObject(data) else { return }  // This type always encodes.
        connection.send(.notification(Notification(method: StreamData.name, params: params)))
    }

    /// Up to `wanted` bytes of credit, waiting until there is some; 0 once the stream is closed.
    private func takeCredit(_ wanted: Int) async -> Int {
        while true {
            let taken = state.withLock { state -> Int? in
                if state.isClosed { return 0 }
                guard state.credit > 0 else { return nil }
                let count = min(wanted, state.credit)
                state.credit -= count
                return count
            }
            if let taken { return taken }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isReady = state.withLock { state in
                        if Task.isCancelled || state.isClosed || state.credit > 0 { return true }
                        state.waiters.append(continuation)
                        return false
                    }
                    if isReady { continuation.resume() }
                }
            } onCancel: {
                wake { _ in }
            }
            if Task.isCancelled { return 0 }
        }
    }

    /// The client can take more.
    func add(credit bytes: Int) {
        wake { $0.credit = min($0.credit + min(max(0, bytes), 64 << 20), 64 << 20) }
    }

    // MARK: from the client

    /// False when the client sends more than it was granted, or after its own end.
    func receive(_ data: StreamData) -> Bool {
        let isWithin = state.withLock { state in
            state.granted -= data.data.bytes.count
            return state.granted >= 0
        }
        guard isWithin, data.channel == .stdin else { return false }
        if !data.data.bytes.isEmpty, !input.add(data.data.bytes) { return false }
        if data.eof == true { input.end() }
        return true
    }

    func receive(_ resize: StreamResize) {
        guard let columns = UInt16(exactly: resize.columns), let rows = UInt16(exactly: resize.rows) else { return }
        input.resize(columns: columns, rows: rows)
    }

    /// Bytes of the client's input have been used; it may send as many more.
    func grant(_ bytes: Int) {
        let granted = state.withLock { state in
            state.used += bytes
            guard state.used >= Self.grantBytes else { return 0 }
            defer { state.used = 0 }
            state.granted += state.used
            return state.used
        }
        guard granted > 0 else { return }
        let credit = StreamCredit(stream: name, bytes: granted)
        guard let params = try? JSONValueEncoder().encodeObject(credit) else { return }  // This type always encodes.
        connection.send(.notification(Notification(method: StreamCredit.name, params: params)))
    }

    /// The client can send nothing more.
    func endInput() { input.finish() }

    func close() {
        wake { $0.isClosed = true }
        input.finish()
    }

    private func wake(_ change: (inout State) -> Void) {
        let waiters = state.withLock { state in
            change(&state)
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
