import CLinux
import ChildProcess
import Glibc

/// The streams that a later process of a container starts with, and the call of the runtime that starts it.
struct ExecutionStreams: Sendable {
    enum Outcome: Sendable {
        /// The process runs, with the supervisor as its parent and a child of ours.
        case started(StreamPump.Endpoint, supervisor: Int32, process: Int32)
        /// What the runtime said; the process never ran.
        case failed(message: String)
    }

    private var input = Pipe.none
    private var output = Pipe.none
    private var errors: Pipe
    /// The socket over which the runtime sends the terminal, and its path.
    private var listener: (descriptor: Int32, path: String)?
    private var size: (columns: UInt16, rows: UInt16) = (80, 24)

    /// Three pipes, two without input.
    init(hasInput: Bool) throws(RuntimeError) {
        if hasInput { input = Pipe() }
        output = Pipe()
        errors = Pipe()
        guard output.isOpen && errors.isOpen && (input.isOpen || !hasInput) else {
            let error = SmallFile.failure("cannot make a pipe")
            for pipe in [input, output, errors] { pipe.closeBoth() }
            throw error
        }
    }

    /// A terminal; the pipe for errors is the runtime's own.
    init(terminalIn directory: String, name: String, columns: UInt16, rows: UInt16) throws(RuntimeError) {
        size = (columns, rows)
        errors = Pipe()
        let descriptor = LocalSocket.listenStream(at: name, in: directory)
        guard errors.isOpen && descriptor >= 0 else {
            let error = SmallFile.failure("cannot listen in \(directory)")
            errors.closeBoth()
            if descriptor >= 0 { close(descriptor) }
            throw error
        }
        listener = (descriptor, "\(directory)/\(name)")
    }

    /// What the runtime is told of them.
    var arguments: [String] { listener.map { ["--tty", "--console-socket", $0.path] } ?? [] }

    /// Runs the supervised runtime until the process runs, or never will; blocks.
    func run(_ supervisor: ChildProcess) -> Outcome {
        let status = Pipe()
        var supervisor = supervisor
        supervisor.descriptors = [2: errors.writing, 3: status.writing]
        if input.isOpen { supervisor.descriptors[0] = input.reading }
        if output.isOpen { supervisor.descriptors[1] = output.writing }
        let spawned = Result { () throws(SpawnError) in try supervisor.spawn() }
        closeTheirs()
        status.closeWriting()
        defer { status.closeReading() }
        guard case .success(let pid) = spawned else {
            closeOurs()
            closeListener()
            return .failed(message: "cannot start \(supervisor.executable)")
        }
        let terminal = listener.map { receiveTerminal(from: $0.descriptor, supervisor: pid) }
        closeListener()
        let answer = SmallFile.readAll(status.reading, limitBytes: 32) ?? []
        guard let process = Int32(String(decoding: answer, as: UTF8.self).prefix { $0.isNumber }), terminal != -1 else {
            // Nobody else holds the other end: the process that would have inherited it never was.
            let said = SmallFile.readAll(errors.reading, limitBytes: 16_384) ?? []
            closeOurs()
            if let terminal, terminal >= 0 { close(terminal) }
            _ = ExitStatus.wait(for: pid)
            return .failed(message: String(decoding: said, as: UTF8.self))
        }
        guard let terminal else {
            let pipes = StreamPump.Endpoint.pipes(
                input: input.writing, output: output.reading, errors: errors.reading)
            return .started(pipes, supervisor: pid, process: process)
        }
        closeOurs()
        return .started(.terminal(terminal), supervisor: pid, process: process)
    }

    /// The master side of the terminal; -1 when the runtime ends without sending one.
    private func receiveTerminal(from listener: Int32, supervisor: Int32) -> Int32 {
        let descriptor = clinux_pidfd_open(supervisor)
        defer { if descriptor >= 0 { close(descriptor) } }
        var polled = [
            pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&polled, 2, 60_000) < 0 && errno == EINTR { continue }
        guard polled[0].revents != 0 else {
            if polled[1].revents == 0 { kill(supervisor, SIGKILL) }
            return -1
        }
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return -1 }
        defer { close(connection) }
        let terminal = clinux_receive_descriptor(connection)
        if terminal >= 0 { _ = clinux_terminal_resize(terminal, size.columns, size.rows) }
        return terminal
    }

    private func closeListener() {
        guard let listener else { return }
        close(listener.descriptor)
        unlink(listener.path)
    }

    private func closeTheirs() {
        input.closeReading()
        output.closeWriting()
        errors.closeWriting()
    }

    private func closeOurs() {
        input.closeWriting()
        output.closeReading()
        errors.closeReading()
    }
}

extension Pipe {
    fileprivate func closeReading() { if reading >= 0 { close(reading) } }
    fileprivate func closeWriting() { if writing >= 0 { close(writing) } }
}
