import CLinux
import ChildProcess
import Glibc
import JSONRPC
import KenterProtocol
import Synchronization
import Threads

/// The process of a plugin: one thread reads its standard error and notices its end at once.
final class PluginChild: PluginLife {
    private struct State {
        var isReaped = false
        var cause: PluginEnding.Cause?
        var ending: PluginEnding?
        var waiters: [CheckedContinuation<PluginEnding, Never>] = []
    }

    /// How long a process may outlive its standard input or output.
    private static let silentMilliseconds: Int32 = 1_000
    /// Bytes of standard error that are read once the process is gone.
    private static let lateBytes = 1 << 20

    let pid: Int32
    private let process: Descriptor
    private let output: PluginOutput
    private let state = Mutex(State())

    /// - Parameter pid: A child that leads a session of its own; killed at once when it cannot be watched.
    init(pid: Int32, output: PluginOutput) throws(RPCError) {
        self.pid = pid
        self.output = output
        process = Descriptor(owning: clinux_pidfd_open(pid))
        guard process.number >= 0 else {
            let code = errno
            Glibc.kill(-pid, SIGKILL)
            _ = ExitStatus.wait(for: pid)
            throw RPCError.system("watch process", "\(pid)", errno: code)
        }
    }

    /// Reads standard error and waits for the end on a thread of its own.
    ///
    /// - Parameters:
    ///   - standardOutput: Read by somebody else; only looked at here.
    ///   - ended: Called once the process is gone and what it had written has been read.
    func watch(
        standardError: Descriptor, standardOutput: Descriptor, ended: @escaping @Sendable () -> Void
    ) {
        DetachedThread.start {
            self.waitForEnd(standardError, standardOutput)
            self.drain(standardError)
            Self.waitUntilRead(standardOutput)
            self.settle()
            ended()
        }
    }

    /// Kills the process and all of its session's first group; the first cause is kept. Nothing once it has ended.
    func kill(_ cause: PluginEnding.Cause) {
        state.withLock { state in
            if state.cause == nil || state.cause == .asked { state.cause = cause }
            if !state.isReaped { Glibc.kill(-pid, SIGKILL) }
        }
    }

    /// Ends a process that can be told nothing any more. One that is just dying gets a moment to do so by itself, so
    /// that its own reason is what is known of it.
    func endUnheard(_ failure: OutputFailure) {
        switch failure {
        case .stalled(let milliseconds):
            kill(.failure("read nothing of its standard input for \(milliseconds / 1_000) seconds"))
        case .closed:
            // Unstructured because whoever noticed must not wait; bounded by the moment.
            Task {
                try? await Task.sleep(for: .milliseconds(Int(Self.silentMilliseconds)))  // Never cancelled.
                kill(.failure("closed its standard input"))
            }
        }
    }

    /// From now on its end is no accident.
    func expectEnd() { state.withLock { state in if state.cause == nil { state.cause = .asked } } }

    /// How it came to its end; `nil` while it runs.
    var ended: PluginEnding? { state.withLock { $0.ending } }

    /// Waits until the process has ended, which its owner has to see to.
    func ending() async -> PluginEnding {
        await withCheckedContinuation { continuation in
            let ending = state.withLock { state in
                if state.ending == nil { state.waiters.append(continuation) }
                return state.ending
            }
            if let ending { continuation.resume(returning: ending) }
        }
    }

    // MARK: the watching thread

    private func waitForEnd(_ standardError: Descriptor, _ standardOutput: Descriptor) {
        var polled = [
            pollfd(fd: process.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: standardError.number, events: Int16(POLLIN), revents: 0),
            // No events: only the hang-up is of interest.
            pollfd(fd: standardOutput.number, events: 0, revents: 0),
        ]
        var silentSince: ContinuousClock.Instant?
        while polled[0].revents == 0 {
            let ready = poll(&polled, 3, silentSince == nil ? -1 : Self.silentMilliseconds)
            guard ready >= 0 else { continue }
            if polled[1].revents != 0, read(standardError) == 0 { polled[1].fd = -1 }
            if polled[2].revents != 0 {
                polled[2].fd = -1
                silentSince = .now
            }
            if let since = silentSince, .now - since >= .milliseconds(Int(Self.silentMilliseconds)) {
                kill(.failure("closed its standard output"))
                silentSince = nil
            }
        }
    }

    /// How many bytes were read; 0 at the end.
    private func read(_ standardError: Descriptor) -> Int {
        withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 16) { buffer in
            let count = max(0, Glibc.read(standardError.number, buffer.baseAddress, buffer.count))
            output.append(standardError: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            return count
        }
    }

    /// Ends what the process has left running, then reads what is still in the pipe.
    private func drain(_ standardError: Descriptor) {
        state.withLock { _ in _ = Glibc.kill(-pid, SIGKILL) }
        var room = Self.lateBytes
        var polled = pollfd(fd: standardError.number, events: Int16(POLLIN), revents: 0)
        while room > 0, poll(&polled, 1, 0) > 0 {
            let count = read(standardError)
            guard count > 0 else { break }
            room -= count
        }
        output.finish()
    }

    /// Gives the connection time to read the answers that were written before the end.
    private static func waitUntilRead(_ standardOutput: Descriptor) {
        var polled = pollfd(fd: standardOutput.number, events: Int16(POLLIN), revents: 0)
        for _ in 0..<1_000 {
            guard poll(&polled, 1, 0) > 0, polled.revents & Int16(POLLIN) != 0 else { return }
            usleep(1_000)
        }
    }

    private func settle() {
        let lastLines = output.lastLines
        let (ending, waiters) = state.withLock { state in
            // Reaped under the lock, so that nobody signals a stranger who has got the same id.
            let status = ExitStatus.wait(for: pid)
            state.isReaped = true
            let ending = PluginEnding(status: status, cause: state.cause, lastLines: lastLines)
            state.ending = ending
            defer { state.waiters = [] }
            return (ending, state.waiters)
        }
        for waiter in waiters { waiter.resume(returning: ending) }
    }
}
