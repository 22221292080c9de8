import CLinux
import ChildProcess
import Glibc
import JSONRPC
import KenterProtocol

/// One process of the plugin under test, and the conversation with it.
///
/// What comes is read without prejudice: a broken rule is noted for its own check, and the conversation goes on.
final class PluginSession {
    static let stateLimitBytes = 16 << 10
    static let environment = ["PATH=\(ChildProcess.searchPath)", "LANG=C.UTF-8"]

    let pid: Int32
    let transcript: Transcript
    let timeout: Duration
    /// Kinds of events that the plugin said it sends.
    var announcedEvents: Set<String> = []
    private let note: (Violation) -> Void
    private var input: Int32
    private let output: Int32
    private let errors: Int32
    private var inbox: Inbox
    private var outputEnded = false
    private var errorsEnded = false
    private var nextID: Int64 = 1
    private(set) var status: ExitStatus?

    /// - Parameters:
    ///   - command: An absolute path and its arguments.
    ///   - note: Takes broken rules that are seen in passing.
    init(
        _ command: [String], in directory: String, _ transcript: Transcript, timeout: Duration,
        note: @escaping (Violation) -> Void
    ) throws(CheckEnd) {
        let pipes = [Pipe(), Pipe(), Pipe()]
        var process = ChildProcess(
            command[0], Array(command.dropFirst()), environment: Self.environment, workingDirectory: directory)
        process.descriptors = [0: pipes[0].reading, 1: pipes[1].writing, 2: pipes[2].writing]
        process.newSession = true
        do throws(SpawnError) {
            pid = try process.spawn()
        } catch {
            for pipe in pipes { pipe.closeBoth() }
            throw .failed("\(error)")
        }
        close(pipes[0].reading)
        close(pipes[1].writing)
        close(pipes[2].writing)
        (input, output, errors) = (pipes[0].writing, pipes[1].reading, pipes[2].reading)
        for descriptor in [input, output, errors] { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
        self.transcript = transcript
        self.timeout = timeout
        self.note = note
        inbox = Inbox()
    }

    // MARK: sending

    /// Writes bytes as they are; what the plugin says meanwhile is read.
    func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        let end = ContinuousClock.now + timeout
        while !rest.isEmpty, input >= 0, ContinuousClock.now < end {
            let count = rest.withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                pump(for: .milliseconds(20), writing: true)
            } else {
                return
            }
        }
    }

    /// The line of a request, without its line feed; its answer is expected from now on.
    func line(_ method: String, _ params: JSONObject, id: RequestID? = nil) -> (id: RequestID, bytes: [UInt8]) {
        let id = id ?? newID()
        inbox.expect(id)
        let (seconds, attoseconds) = timeout.components
        let meta: JSONObject = ["timeoutMs": .integer(seconds * 1_000 + attoseconds / 1_000_000_000_000_000)]
        return (id, Message.request(Request(id: id, method: method, params: params, meta: meta)).json.bytes)
    }

    private func newID() -> RequestID {
        defer { nextID += 1 }
        return .integer(nextID)
    }

    /// Sends a request and does not wait.
    @discardableResult
    func send(_ method: String, _ params: JSONObject = JSONObject(), id: RequestID? = nil) -> RequestID {
        let (id, bytes) = line(method, params, id: id)
        transcript.add("→", bytes)
        write(bytes + [0x0a])
        return id
    }

    func send<M: RPCMethod>(_ method: M) throws(CheckEnd) -> RequestID { send(M.name, try Self.params(method)) }

    func notify(_ method: String, _ params: JSONObject) {
        let bytes = Message.notification(Notification(method: method, params: params)).json.bytes
        transcript.add("→", bytes)
        write(bytes + [0x0a])
    }

    static func params<M: RPCMethod>(_ method: M) throws(CheckEnd) -> JSONObject {
        do {
            return try JSONValueEncoder().encodeObject(method)
        } catch {
            throw .skipped("cannot write \(M.name): \(error)")
        }
    }

    // MARK: receiving

    /// The answer to a request, within the deadline.
    func answer(to id: RequestID, _ method: String) throws(CheckEnd) -> Result<JSONObject, RPCError> {
        let end = ContinuousClock.now + timeout
        while true {
            switch inbox.take(id) {
            case .outcome(let outcome)?: return outcome
            case .unreadable(let violation)?: throw .blocked(violation)
            case nil: break
            }
            if outputEnded {
                _ = exited(within: .seconds(1))
                let text = "it ended (\(fate)) before it answered \(method)"
                throw .blocked(Violation(check: "lives-on", text: text))
            }
            guard ContinuousClock.now < end else {
                throw .blocked(
                    Violation(check: "answers.in-time", text: "no answer to \(method) within \(timeout)"))
            }
            pump(for: .milliseconds(50))
        }
    }

    /// Reads what comes for a while: for things that must not come.
    func listen(for duration: Duration) {
        let end = ContinuousClock.now + duration
        while !outputEnded {
            let rest = end - .now
            guard rest > .zero else { return }
            pump(for: min(rest, .milliseconds(10)))
        }
    }

    private func pump(for duration: Duration, writing: Bool = false) {
        var polled = [
            pollfd(fd: outputEnded ? -1 : output, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errorsEnded ? -1 : errors, events: Int16(POLLIN), revents: 0),
            pollfd(fd: writing ? input : -1, events: Int16(POLLOUT), revents: 0),
        ]
        let milliseconds = Int32(duration / .milliseconds(1))
        guard poll(&polled, 3, milliseconds) > 0 else { return }
        if polled[0].revents != 0 { outputEnded = !read(output) { inbox.append($0) } }
        if polled[1].revents != 0 { errorsEnded = !read(errors) { inbox.append(errors: $0, transcript) } }
        let (violations, events) = inbox.sort(transcript)
        for violation in violations { note(violation) }
        for kind in events where !announcedEvents.contains(kind) {
            note(Violation(check: "events.announced", text: "it sent an event of the kind '\(kind)'"))
        }
    }

    /// False at the end.
    private func read(_ descriptor: Int32, _ take: (ArraySlice<UInt8>) -> Void) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        if count < 0 { return errno == EAGAIN || errno == EINTR }
        take(buffer[..<count])
        return count > 0
    }

    // MARK: ending

    /// Ends its standard input.
    func finishInput() {
        guard input >= 0 else { return }
        transcript.note("end of input")
        close(input)
        input = -1
    }

    /// Whether it is gone before the deadline.
    func exited(within duration: Duration) -> Bool {
        let end = ContinuousClock.now + duration
        while status == nil {
            var raw: Int32 = 0
            if waitpid(pid, &raw, WNOHANG) == pid {
                status = raw & 0x7f == 0 ? .exited((raw >> 8) & 0xff) : .signaled(raw & 0x7f)
                // Its last words are still in the pipes; what it leaves running may keep those open.
                for _ in 1...10 where !(outputEnded && errorsEnded) { pump(for: .milliseconds(2)) }
                break
            }
            guard ContinuousClock.now < end else { return false }
            if outputEnded, errorsEnded { usleep(2_000) } else { pump(for: .milliseconds(5)) }
        }
        return true
    }

    /// As a crash would, at once.
    func crash() {
        guard status == nil else { return }
        transcript.note("SIGKILL")
        kill(-pid, SIGKILL)
        kill(pid, SIGKILL)
        _ = exited(within: .seconds(10))
    }

    /// Ends whatever there is of it, without asking what it thinks of that; what it has still said is read.
    func abandon() {
        if status == nil {
            listen(for: .milliseconds(5))
            kill(pid, SIGKILL)
        }
        kill(-pid, SIGKILL)
        _ = exited(within: .seconds(10))
        for descriptor in [input, output, errors] where descriptor >= 0 { close(descriptor) }
        input = -1
    }

    var fate: String {
        switch status {
        case .exited(let code): "exit status \(code)"
        case .signaled(let signal): "signal \(signal)"
        case nil: "its standard output was closed"
        }
    }
}
