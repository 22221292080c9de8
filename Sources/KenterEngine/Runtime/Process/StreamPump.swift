import CLinux
import ChildProcess
import Glibc
import Synchronization
import Threads

/// The thread that moves bytes between a process's streams and ``ProcessStreams``, and waits for the process if it is ours.
final class StreamPump: Sendable {
    /// What the streams are made of; the descriptors become the pump's. -1 stands for none.
    enum Endpoint: Sendable {
        case pipes(input: Int32, output: Int32, errors: Int32)
        /// The master side of a terminal.
        case terminal(Int32)
        /// conmon's attach socket: packets, whose first byte names the channel; and the end of its log before that.
        case packets(Int32, log: LogMark)
    }

    let output: HandOff<OutputChunk>
    let input: InputBuffer
    /// The exit status, once the process has ended and its output is taken from the pipes.
    let exit = Promise<ExitStatus>()
    private let endpoint: Endpoint
    private let process: (pid: Int32, descriptor: Int32)?
    private let wakeup: Wakeup
    private let isClosed = Atomic(false)
    /// Held while a resize uses the terminal, so that its number cannot be another file's by then.
    private let terminal: Mutex<Int32>

    /// Starts the thread. `pid`, where given, is a child of this process that nobody else waits for.
    init(_ endpoint: Endpoint, pid: Int32? = nil) {
        let wakeup = Wakeup()
        self.endpoint = endpoint
        self.wakeup = wakeup
        process = pid.map { ($0, clinux_pidfd_open($0)) }
        output = HandOff(limit: 256 * 1024) { wakeup.signal() }
        input = InputBuffer(limitBytes: 64 * 1024) { wakeup.signal() }
        if case .terminal(let descriptor) = endpoint { terminal = Mutex(descriptor) } else { terminal = Mutex(-1) }
        DetachedThread.start { self.run() }
    }

    func close() {
        isClosed.store(true, ordering: .releasing)
        output.finish(dropping: true)
        input.close()
        wakeup.signal()
    }

    func resize(columns: UInt16, rows: UInt16) {
        terminal.withLock { if $0 >= 0 { _ = clinux_terminal_resize($0, columns, rows) } }
    }

    /// Runs until every stream is at its end and the process, if there is one, too.
    private func run() {
        var streams = OpenStreams(endpoint)
        var processDescriptor = process?.descriptor ?? -1
        if process != nil && processDescriptor < 0 { finishProcess() }
        var hasProcessEnded = processDescriptor < 0 && process != nil
        while true {
            if isClosed.load(ordering: .acquiring) { closeAll(&streams) }
            if hasProcessEnded { streams.closeInput() }
            // A process that has closed its output may still read: only its end ends the streams.
            if !streams.hasOutput && processDescriptor < 0 {
                takeLog(unless: streams.hasRead)
                output.finish()
                input.close()
                return closeAll(&streams)
            }
            let work = input.work
            if work.isAtEnd { streams.endInput() }
            let hasRoom = output.hasRoom
            // The process is gone: what lies in the pipes is all there is, whoever still holds their other ends.
            let timeout: Int32 = hasProcessEnded && hasRoom ? 0 : streams.isHungUp ? 20 : -1
            var polled = streams.polled(wantsOutput: hasRoom, hasInput: work.hasBytes)
            let (wakeupIndex, processIndex) = (polled.count, polled.count + 1)
            polled.append(pollfd(fd: wakeup.number, events: Int16(POLLIN), revents: 0))
            polled.append(pollfd(fd: processDescriptor, events: Int16(POLLIN), revents: 0))
            let ready = poll(&polled, nfds_t(polled.count), timeout)
            if ready < 0 { continue }
            if ready == 0 && timeout == 0 {
                closeAll(&streams)
                continue
            }
            if polled[wakeupIndex].revents != 0 { wakeup.clear() }
            streams.read(polled, hasRoom: hasRoom) { output.put($0, cost: $0.bytes.count) }
            streams.write(polled, from: input)
            if processDescriptor >= 0 && polled[processIndex].revents != 0 {
                Glibc.close(processDescriptor)
                processDescriptor = -1
                hasProcessEnded = true
                finishProcess()
            }
        }
    }

    /// conmon may end without having looked at its socket: a process that is over when conmon first asks is reaped before
    /// that, and what it wrote is in the log alone. No more than fits its pipes.
    private func takeLog(unless hasRead: Bool) {
        guard case .packets(_, let log) = endpoint, !hasRead, !isClosed.load(ordering: .acquiring) else { return }
        for chunk in log.rest(limitBytes: Self.pipesBytes) { output.put(chunk, cost: chunk.bytes.count) }
    }

    /// Twice what a pipe may hold (pipe(7)).
    private static let pipesBytes = 2 << 20

    private func closeAll(_ streams: inout OpenStreams) {
        terminal.withLock { $0 = -1 }
        streams.closeAll()
    }

    private func finishProcess() {
        guard let process else { return }
        exit.fulfill(ExitStatus.wait(for: process.pid) ?? .exited(255))
    }
}

/// A descriptor that becomes readable when another thread says so.
final class Wakeup: Sendable {
    let number = clinux_eventfd()
    deinit { close(number) }

    func signal() {
        var one: UInt64 = 1
        _ = write(number, &one, 8)
    }

    func clear() {
        var count: UInt64 = 0
        _ = read(number, &count, 8)
    }
}

/// A value that comes once; any number may wait for it.
final class Promise<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var waiters: [UInt64: CheckedContinuation<Value?, Never>] = [:]
        var nextWaiter: UInt64 = 0
    }

    private let state = Mutex(State())

    func fulfill(_ value: Value) {
        let waiters = state.withLock { state -> [CheckedContinuation<Value?, Never>] in
            if state.value != nil { return [] }
            state.value = value
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume(returning: value) }
    }

    /// The value; `nil` when the task is cancelled first.
    func value() async -> Value? {
        let number = state.withLock { state -> UInt64 in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Value?? in
                    if let value = state.value { return .some(value) }
                    if Task.isCancelled { return .some(nil) }
                    state.waiters[number] = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume(returning: nil)
        }
    }
}
