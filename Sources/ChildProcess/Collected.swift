import CLinux
import Glibc
import Synchronization
import Threads

/// What a finished process left behind.
public struct Collected: Sendable {
    public var status: ExitStatus
    /// At most the limit's bytes; the rest was read and dropped, so that the child never blocks.
    public var standardOutput: [UInt8]
    public var standardError: [UInt8]

    /// Standard error as text, without the newline at its end.
    public var message: String {
        var bytes = standardError[...]
        while let last = bytes.last, last == 10 || last == 32 { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension ChildProcess {
    /// Runs the process to its end with `input` on its standard input, collecting both outputs.
    ///
    /// When the surrounding task is cancelled the process is killed; its status is then `.signaled(SIGKILL)`.
    ///
    /// - Parameter started: called with its id once it runs.
    public func collect(
        input: [UInt8] = [], limitBytes: Int = 1 << 20, started: (Int32) -> Void = { _ in }
    ) async throws(SpawnError) -> Collected {
        let pipes = [Pipe(), Pipe(), Pipe()]
        guard pipes.allSatisfy(\.isOpen) else {
            for pipe in pipes { pipe.closeBoth() }
            throw SpawnError(executable: executable, errno: EMFILE)
        }
        var process = self
        process.descriptors[0] = pipes[0].reading
        process.descriptors[1] = pipes[1].writing
        process.descriptors[2] = pipes[2].writing
        let pid: Int32
        do {
            pid = try process.spawn()
        } catch {
            for pipe in pipes { pipe.closeBoth() }
            throw error
        }
        close(pipes[0].reading)
        close(pipes[1].writing)
        close(pipes[2].writing)
        started(pid)
        let (standardInput, standardOutput, standardError) = (pipes[0].writing, pipes[1].reading, pipes[2].reading)
        let child = RunningChild(pid)
        return await withTaskCancellationHandler {
            await DetachedThread.run {
                let (output, errors) = exchange(
                    input: input, into: standardInput, from: (standardOutput, standardError), limitBytes: limitBytes)
                return Collected(status: child.wait(), standardOutput: output, standardError: errors)
            }
        } onCancel: {
            child.kill()
        }
    }
}

/// A child that may be killed until it has been waited for: afterwards its number may be another process's.
public final class RunningChild: Sendable {
    private let pid: Mutex<Int32?>

    public init(_ pid: Int32) {
        self.pid = Mutex(pid)
    }

    /// Sends SIGKILL, unless it has been waited for.
    public func kill() {
        pid.withLock { pid in
            if let pid { _ = Glibc.kill(pid, SIGKILL) }
        }
    }

    /// Blocks until it has ended.
    public func wait() -> ExitStatus {
        guard let number = pid.withLock({ $0 }) else { return .signaled(SIGKILL) }
        // Until it is reaped, which is quick by then, its number is its own.
        var information = siginfo_t()
        while waitid(P_PID, id_t(number), &information, WEXITED | WNOWAIT) < 0 && errno == EINTR { continue }
        return pid.withLock { pid in
            pid = nil
            return ExitStatus.wait(for: number) ?? .signaled(SIGKILL)
        }
    }
}

/// A pipe whose two ends are closed on exec.
public struct Pipe: Sendable {
    public var reading: Int32 = -1
    public var writing: Int32 = -1

    /// No pipe: both ends are -1.
    public static let none = Pipe(reading: -1, writing: -1)

    private init(reading: Int32, writing: Int32) {
        self.reading = reading
        self.writing = writing
    }

    /// Both are -1 when the process is out of descriptors.
    public init() {
        var ends: [Int32] = [-1, -1]
        if clinux_pipe(&ends) == 0 { (reading, writing) = (ends[0], ends[1]) }
    }

    public var isOpen: Bool { reading >= 0 }

    public func closeBoth() {
        guard isOpen else { return }
        close(reading)
        close(writing)
    }
}

/// Feeds `input` and drains both outputs until all three pipes are closed.
private func exchange(
    input: [UInt8], into sink: Int32, from sources: (Int32, Int32), limitBytes: Int
) -> ([UInt8], [UInt8]) {
    var collected: [[UInt8]] = [[], []]
    var polled = [
        pollfd(fd: sources.0, events: Int16(POLLIN), revents: 0),
        pollfd(fd: sources.1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: sink, events: Int16(POLLOUT), revents: 0),
    ]
    _ = fcntl(sink, F_SETFL, O_NONBLOCK)
    var rest = input[...]
    func end(_ index: Int) {
        close(polled[index].fd)
        polled[index].fd = -1
    }
    if rest.isEmpty { end(2) }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while polled.contains(where: { $0.fd >= 0 }) {
        if poll(&polled, 3, -1) < 0 { continue }
        for index in 0...1 where polled[index].fd >= 0 && polled[index].revents != 0 {
            let count = read(polled[index].fd, &buffer, buffer.count)
            if count > 0 {
                let room = max(0, limitBytes - collected[index].count)
                collected[index].append(contentsOf: buffer[..<min(count, room)])
            } else if count == 0 || errno != EINTR {
                end(index)
            }
        }
        if polled[2].fd >= 0 && polled[2].revents != 0 {
            let count = rest.withUnsafeBytes { write(polled[2].fd, $0.baseAddress, $0.count) }
            if count > 0 { rest = rest.dropFirst(count) }
            if rest.isEmpty || (count < 0 && errno != EAGAIN && errno != EINTR) { end(2) }
        }
    }
    return (collected[0], collected[1])
}
